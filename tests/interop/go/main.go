// Calls as it is asked to, a line of JSON each: V3 by darabonba-openapi, V1 by alibaba-cloud-sdk-go. No queue SDK of
// Go can be had from the module proxy, so requests to queues are signed here, as the service's document says.
package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
)

type call struct {
	Operation, Queue, Key, Secret string
	Parameters                    map[string]any
}

type refused struct {
	Code    string
	Message string
}

func main() {
	endpoint, signature := os.Args[1], os.Args[2]
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one call
		must(json.Unmarshal(lines.Bytes(), &one))
		var answer any
		var err error
		switch {
		case one.Queue != "":
			answer, err = byQueue(endpoint, one)
		case signature == "V1":
			answer, err = byCore(endpoint, one)
		default:
			answer, err = byTea(endpoint, one)
		}
		if err != nil {
			answer = map[string]refused{"refused": refusalOf(err)}
		}
		text, err := json.Marshal(answer)
		must(err)
		fmt.Println(string(text))
	}
}

func byTea(endpoint string, one call) (any, error) {
	client, err := openapi.NewClient(&openapi.Config{
		AccessKeyId:     tea.String(one.Key),
		AccessKeySecret: tea.String(one.Secret),
		Endpoint:        tea.String(endpoint),
		Protocol:        tea.String("http"),
	})
	if err != nil {
		return nil, err
	}
	form := map[string]any{}
	for name, text := range texts(one.Parameters) {
		form[name] = text
	}
	answer, err := client.CallApi(&openapi.Params{
		Action:      tea.String(one.Operation),
		Version:     tea.String("2020-06-06"),
		Protocol:    tea.String("HTTP"),
		Method:      tea.String("POST"),
		Pathname:    tea.String("/"),
		Style:       tea.String("RPC"),
		AuthType:    tea.String("AK"),
		ReqBodyType: tea.String("formData"),
		BodyType:    tea.String("json"),
	}, &openapi.OpenApiRequest{Body: form}, &dara.RuntimeOptions{})
	return answer["body"], err
}

func byCore(endpoint string, one call) (any, error) {
	client, err := sdk.NewClientWithAccessKey("cn-hangzhou", one.Key, one.Secret)
	if err != nil {
		return nil, err
	}
	request := requests.NewCommonRequest()
	request.Method = "POST"
	request.Scheme = "http"
	request.Domain = endpoint
	request.Version = "2020-06-06"
	request.ApiName = one.Operation
	for name, text := range texts(one.Parameters) {
		request.QueryParams[name] = text
	}
	answer, err := client.ProcessCommonRequest(request)
	if err != nil {
		return nil, err
	}
	return json.RawMessage(answer.GetHttpContentBytes()), nil
}

type received struct {
	Code, Message, MessageBody, ReceiptHandle string
}

func byQueue(endpoint string, one call) (any, error) {
	messages := "/queues/" + one.Queue + "/messages"
	got, status, err := ofQueue(endpoint, one, "GET", messages)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return map[string]refused{"refused": {got.Code, got.Message}}, nil
	}
	handle := messages + "?ReceiptHandle=" + url.QueryEscape(got.ReceiptHandle)
	if _, status, err = ofQueue(endpoint, one, "DELETE", handle); err != nil || status != http.StatusNoContent {
		return nil, fmt.Errorf("the delete was answered %d %w", status, err)
	}
	text, err := base64.StdEncoding.DecodeString(got.MessageBody)
	return json.RawMessage(text), err
}

func ofQueue(endpoint string, one call, method, target string) (received, int, error) {
	var got received
	request, err := http.NewRequest(method, "http://"+endpoint+target, nil)
	if err != nil {
		return got, 0, err
	}
	date := time.Now().UTC().Format(http.TimeFormat)
	mac := hmac.New(sha1.New, []byte(one.Secret))
	fmt.Fprintf(mac, "%s\n\n\n%s\nx-mns-version:2015-06-06\n%s", method, date, target)
	signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	request.Header.Set("Date", date)
	request.Header.Set("x-mns-version", "2015-06-06")
	request.Header.Set("Authorization", "MNS "+one.Key+":"+signature)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return got, 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNoContent {
		return got, answer.StatusCode, nil
	}
	return got, answer.StatusCode, xml.NewDecoder(answer.Body).Decode(&got)
}

func refusalOf(err error) refused {
	var v3 *tea.SDKError
	var v1 *sdkerrors.ServerError
	switch {
	case errors.As(err, &v3):
		return refused{tea.StringValue(v3.Code), tea.StringValue(v3.Message)}
	case errors.As(err, &v1):
		return refused{v1.ErrorCode(), v1.Message()}
	}
	return refused{fmt.Sprintf("%T", err), err.Error()}
}

func texts(parameters map[string]any) map[string]string {
	texts := map[string]string{}
	for name, value := range parameters {
		if text, ok := value.(string); ok {
			texts[name] = text
			continue
		}
		text, err := json.Marshal(value)
		must(err)
		texts[name] = string(text)
	}
	return texts
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
