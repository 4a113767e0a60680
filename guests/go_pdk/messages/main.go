// Command messages sends by the host's message broker what it is told: a list of operations in JSON, each a list with its name and arguments.
package main

import (
	"time"

	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/messaging"
)

type operation []any

func (o operation) text(index int) string {
	text, _ := o.option(index).(string)
	return text
}

func (o operation) option(index int) any {
	if index < len(o) {
		return o[index]
	}
	return nil
}

func (o operation) perform() (any, error) {
	subject, payload := o.text(1), []byte(o.text(2))
	if o.text(0) == "publish" {
		given, ok := o.option(3).(map[string]any)
		if !ok {
			return nil, messaging.Publish(subject, payload)
		}
		headers := map[string]string{}
		for name, value := range given {
			headers[name], _ = value.(string)
		}
		return nil, messaging.PublishWithHeaders(subject, payload, headers)
	}
	var answer []byte
	var err error
	if millis, ok := o.option(3).(float64); ok {
		answer, err = messaging.RequestWithin(subject, payload, time.Duration(millis)*time.Millisecond)
	} else {
		answer, err = messaging.Request(subject, payload)
	}
	return string(answer), err
}

//go:wasmexport run
func run() int32 {
	return pdk.Handle(func(operations []operation) ([]any, error) {
		results := []any{}
		for _, operation := range operations {
			result, err := operation.perform()
			if err != nil {
				result = map[string]any{"error": string(messaging.CodeOf(err)), "message": err.Error()}
			}
			results = append(results, result)
		}
		return results, nil
	})
}

func main() {}
