// Says what a service answers by HTTPS, as any program of Go does.
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	answer, err := http.Get(os.Getenv("WAYPOST_ENDPOINT") + "/healthz")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(answer.StatusCode)
}
