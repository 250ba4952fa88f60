"""Literals of each language, read back by the language itself."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

_EVALUATE_JAVASCRIPT = """
const lines = require("readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const value = new Function("return " + JSON.parse(line))();
  console.log(JSON.stringify(Buffer.from(value, "utf8").toString("hex")));
});
"""
_EVALUATE_PHP = (
    "while (($line = fgets(STDIN)) !== false) echo bin2hex(eval('return '.json_decode($line).';')), \"\\n\";"
)
_JAVA_PROGRAM = """
import java.nio.charset.StandardCharsets;
public class Literals {
  public static void main(String[] arguments) {
    String[] texts = {%s};
    for (String text : texts) {
      StringBuilder line = new StringBuilder();
      for (byte one : text.getBytes(StandardCharsets.UTF_8)) line.append(String.format("%%02x", one));
      System.out.println(line);
    }
  }
}
"""
_GO_PROGRAM = """
package main

import "fmt"

func main() {
	for _, text := range []string{%s} {
		fmt.Printf("%%x\\n", text)
	}
}
"""


def _texts(output: str) -> list[str]:
    return [bytes.fromhex(line.strip('"')).decode() for line in output.splitlines()]


def _output(command: Sequence[str], stdin: str = "", folder: Path | None = None) -> str:
    done = subprocess.run(
        command, input=stdin.encode(), capture_output=True, cwd=folder, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def evaluated_by_node(literals: Sequence[str]) -> list[str]:
    stdin = "".join(json.dumps(literal) + "\n" for literal in literals)
    return _texts(_output(("node", "-e", _EVALUATE_JAVASCRIPT), stdin))


def evaluated_by_php(literals: Sequence[str]) -> list[str]:
    stdin = "".join(json.dumps(literal) + "\n" for literal in literals)
    return _texts(_output(("php", "-r", _EVALUATE_PHP), stdin))


def evaluated_by_shell(literals: Sequence[str]) -> list[str]:
    output = _output(("sh", "-c", 'printf "%s\\0" ' + " ".join(literals)))
    return output.split("\0")[:-1]


def evaluated_by_java(literals: Sequence[str], folder: Path) -> list[str]:
    source = folder / "Literals.java"
    source.write_text(_JAVA_PROGRAM % ", ".join(literals), encoding="utf-8")
    return _texts(_output(("java", "-Dfile.encoding=UTF-8", str(source)), folder=folder))


def evaluated_by_go(literals: Sequence[str], folder: Path) -> list[str]:
    source = folder / "main.go"
    source.write_text(_GO_PROGRAM % ", ".join(literals), encoding="utf-8")
    return _texts(_output(("go", "run", str(source)), folder=folder))
