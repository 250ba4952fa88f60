"""`waypost demo` prints each step of the main job, and exits with 0 only when all of it was done."""

import re
import subprocess
import sys

from tests.processes import run_waypost


def test_it_shows_the_main_job() -> None:
    done = run_waypost("demo", environment={"HTTP_PROXY": "http://127.0.0.1:9"}, within=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("✓") >= 8
    assert "waypost sandbox --open" in done.stdout.rpartition("Everything was as described")[2]
    took = re.search(r"Everything was as described, in ([0-9.]+) s", done.stdout)
    assert took is not None
    assert float(took[1]) < 20
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_without_the_sdk_the_error_names_what_to_install() -> None:
    program = (
        "import sys; sys.modules['alibabacloud_cams20200606'] = None\n"
        "sys.argv = ['waypost', 'demo']\nfrom waypost.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'waypost[demo]'" in done.stderr
