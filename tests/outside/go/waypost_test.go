package shop

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// A sandbox that no other test sees. The process behind all of them ends with this one.
type waypost struct {
	t        *testing.T
	root     string
	endpoint string // for Config.Endpoint; the protocol is http
	key      string // the AccessKeyId and the secret
}

var start = sync.OnceValues(func() (string, error) {
	command := exec.Command("waypost", "sandbox", "--port", "0", "--limit", "0", "--json", "--with-parent")
	output, err := command.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", err
	}
	var ready struct{ URL string }
	err = json.NewDecoder(output).Decode(&ready)
	return ready.URL, err
})

func newWaypost(t *testing.T) *waypost {
	url, err := start()
	if err != nil {
		t.Fatal(err)
	}
	name := rand.Text()
	return &waypost{t, url + "/@" + name + "/sandbox/", strings.TrimPrefix(url, "http://"), name + "@sandbox"}
}

// The JSON of a control endpoint, such as phones/4915112345678/code; with a body it is posted.
func (w *waypost) do(path string, body map[string]any) map[string]any {
	w.t.Helper()
	method, text := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		text, _ = json.Marshal(body)
	}
	request, _ := http.NewRequest(method, w.root+path, bytes.NewReader(text))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	var members map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&members); err != nil {
		w.t.Fatal(err)
	}
	return members
}
