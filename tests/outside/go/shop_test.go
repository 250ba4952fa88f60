package shop

import (
	"errors"
	"testing"

	cams "github.com/alibabacloud-go/cams-20200606/v4/client"
	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/tea"
)

func sendCode(w *waypost, to string) error {
	client, err := cams.NewClient(&openapi.Config{
		AccessKeyId:     tea.String(w.key),
		AccessKeySecret: tea.String(w.key),
		Endpoint:        tea.String(w.endpoint),
		Protocol:        tea.String("http"),
	})
	if err != nil {
		return err
	}
	_, err = client.SendChatappMessage(&cams.SendChatappMessageRequest{
		ChannelType:      tea.String("viber"),
		Type:             tea.String("message"),
		MessageType:      tea.String("text"),
		Content:          tea.String(`{"text": "Your code is 4711."}`),
		From:             tea.String("20001"),
		To:               tea.String(to),
		Label:            tea.String("transaction"),
		Ttl:              tea.Int32(86400),
		FallBackId:       tea.String("S_000001"),
		FallBackDuration: tea.Int32(43200),
	})
	return err
}

func TestTheCodeArrives(t *testing.T) {
	w := newWaypost(t)
	if err := sendCode(w, "4915112345678"); err != nil {
		t.Fatal(err)
	}
	w.do("clock/advance", map[string]any{"seconds": 5})
	if code := w.do("phones/4915112345678/code", nil)["code"]; code != "4711" {
		t.Fatalf("the code is %v", code)
	}
}

func TestAnSmsFollowsAfterTwelveHours(t *testing.T) {
	w := newWaypost(t)
	if err := sendCode(w, "4915112340002"); err != nil {
		t.Fatal(err)
	}
	w.do("clock/advance", map[string]any{"seconds": 43200})
	messages := w.do("phones/4915112340002", nil)["messages"].([]any)
	if last := messages[len(messages)-1].(map[string]any); len(messages) != 2 || last["channel"] != "sms" {
		t.Fatalf("the phone has %v", messages)
	}
}

func TestAThrottleIsReturned(t *testing.T) {
	w := newWaypost(t)
	w.do("refusals", map[string]any{"code": "System.LimitControl", "count": 1})
	var refused *tea.SDKError
	if err := sendCode(w, "4915112345678"); !errors.As(err, &refused) || *refused.Code != "System.LimitControl" {
		t.Fatalf("it was answered %v", err)
	}
	if messages := w.do("messages", nil)["messages"].([]any); len(messages) != 0 {
		t.Fatalf("accepted were %v", messages)
	}
}
