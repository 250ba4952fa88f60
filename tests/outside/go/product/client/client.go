// Package client stands in for the product's package, which cannot be fetched here, on its real core.
package client

import (
	"fmt"
	"reflect"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
)

// Client has of the generated one what the recipe uses.
type Client struct{ openapi.Client }

// SendChatappMessageRequest has of the generated one what the recipe uses.
type SendChatappMessageRequest struct {
	ChannelType, Type, MessageType, Content, From, To, Label, FallBackId *string
	Ttl, FallBackDuration                                                *int32
}

// SendChatappMessageResponse has the answer.
type SendChatappMessageResponse struct{ Body map[string]any }

// NewClient makes a client.
func NewClient(config *openapi.Config) (*Client, error) {
	client := new(Client)
	return client, client.Init(config)
}

// SendChatappMessage calls the operation of that name.
func (client *Client) SendChatappMessage(request *SendChatappMessageRequest) (*SendChatappMessageResponse, error) {
	query := map[string]*string{}
	fields := reflect.ValueOf(*request)
	for place := range fields.NumField() {
		if value := fields.Field(place); !value.IsNil() {
			query[fields.Type().Field(place).Name] = tea.String(fmt.Sprint(value.Elem()))
		}
	}
	answer, err := client.CallApi(&openapi.Params{
		Action:      tea.String("SendChatappMessage"),
		Version:     tea.String("2020-06-06"),
		Protocol:    tea.String("HTTPS"),
		Method:      tea.String("POST"),
		Pathname:    tea.String("/"),
		Style:       tea.String("RPC"),
		AuthType:    tea.String("AK"),
		ReqBodyType: tea.String("formData"),
		BodyType:    tea.String("json"),
	}, &openapi.OpenApiRequest{Query: query}, &dara.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	return &SendChatappMessageResponse{answer["body"].(map[string]any)}, nil
}
