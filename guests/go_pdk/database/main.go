// Command database does to the host's database what it is told: a list of operations in JSON, each a list with its name and arguments.
package main

import (
	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/sql"
)

// note is a row whose columns are known.
type note struct {
	ID          int64  `json:"id"`
	Text        string `json:"text"`
	IsImportant *bool  `json:"important"`
}

type operation []any

// statement returns the operation's statement with its parameters.
func (o operation) statement() (string, []any) {
	var params []any
	if len(o) > 2 {
		params, _ = o[2].([]any)
	}
	if len(o) < 2 {
		return "", params
	}
	text, _ := o[1].(string)
	return text, params
}

func (o operation) perform() (any, error) {
	statement, params := o.statement()
	switch o[0] {
	case "execute":
		return sql.Execute(statement, params...)
	case "query":
		rows := []map[string]any{}
		err := sql.Query(&rows, statement, params...)
		return rows, err
	case "notes":
		notes := []note{}
		err := sql.Query(&notes, statement, params...)
		return notes, err
	default:
		results := []any{}
		err := sql.Transaction(func() error {
			for _, inner := range o[1:] {
				list, _ := inner.([]any)
				result, err := operation(list).perform()
				if err != nil {
					return err
				}
				results = append(results, result)
			}
			return nil
		})
		return results, err
	}
}

//go:wasmexport run
func run() int32 {
	return pdk.Handle(func(operations []operation) ([]any, error) {
		results := []any{}
		for _, operation := range operations {
			result, err := operation.perform()
			if err != nil {
				result = map[string]any{"error": string(sql.CodeOf(err)), "message": err.Error()}
			}
			results = append(results, result)
		}
		return results, nil
	})
}

func main() {}
