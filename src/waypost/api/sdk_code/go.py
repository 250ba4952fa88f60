"""Code in Go: darabonba-openapi, on which the current SDKs are built, and alibaba-cloud-sdk-go."""

from waypost.api.sdk_code.api_call import SECRET_VARIABLE, ApiCall
from waypost.api.sdk_code.literals import filled, go_text

_DARABONBA = """\
// go get github.com/alibabacloud-go/darabonba-openapi/v2
package main

import (
	"fmt"
	"log"
	"os"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
)

func main() {
	client, err := openapi.NewClient(&openapi.Config{
		AccessKeyId:     tea.String(<<key>>),
		AccessKeySecret: tea.String(os.Getenv(<<secret>>)),
		Endpoint:        tea.String(<<endpoint>>),
		Protocol:        tea.String(<<protocol>>),
	})
	if err != nil {
		log.Fatal(err)
	}
	params := &openapi.Params{
		Action:      tea.String(<<operation>>),
		Version:     tea.String(<<version>>),
		Protocol:    tea.String(<<upper_protocol>>),
		Pathname:    tea.String("/"),
		Method:      tea.String("POST"),
		AuthType:    tea.String("AK"),
		Style:       tea.String("RPC"),
		ReqBodyType: tea.String("formData"),
		BodyType:    tea.String("json"),
	}
	body := map[string]any{}
<<members>>	request := &openapi.OpenApiRequest{Body: body}
	response, err := client.CallApi(params, request, &dara.RuntimeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response["body"])
}
"""

_CORE = """\
// go get github.com/aliyun/alibaba-cloud-sdk-go
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
)

func main() {
	client, err := sdk.NewClientWithAccessKey("cn-hangzhou", <<key>>, os.Getenv(<<secret>>))
	if err != nil {
		log.Fatal(err)
	}
	request := requests.NewCommonRequest()
	request.Method = "POST"
	request.Scheme = <<protocol>>
	request.Domain = <<endpoint>>
	request.Version = <<version>>
	request.ApiName = <<operation>>
<<members>>	response, err := client.ProcessCommonRequest(request)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.GetHttpContentString())
}
"""


def go_code(call: ApiCall) -> str:
    """Code for darabonba-openapi, which signs by V3."""
    return _go_filled(_DARABONBA, call, "body")


def go_core_code(call: ApiCall) -> str:
    """Code for the older SDK, alibaba-cloud-sdk-go, which signs by V1."""
    return _go_filled(_CORE, call, "request.FormParams")


def _go_filled(template: str, call: ApiCall, map_name: str) -> str:
    rows = [f"\t{map_name}[{go_text(name)}] = {go_text(text)}\n" for name, text in call.parameters.items()]
    return filled(
        template,
        key=go_text(call.access_key_id),
        secret=go_text(SECRET_VARIABLE),
        endpoint=go_text(call.endpoint),
        protocol=go_text(call.protocol),
        upper_protocol=go_text(call.protocol.upper()),
        version=go_text(call.version),
        operation=go_text(call.operation),
        members="".join(rows),
    )
