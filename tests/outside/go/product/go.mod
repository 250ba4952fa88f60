module github.com/alibabacloud-go/cams-20200606/v4

go 1.26

require (
	github.com/alibabacloud-go/darabonba-openapi/v2 v2.2.2
	github.com/alibabacloud-go/tea v1.5.1
)
