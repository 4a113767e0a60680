// Command serve answers HTTP requests.
package main

import (
	"slices"
	"strconv"

	"github.com/plugwright/plugwright/pdks/go/serve"
)

// seen is what is said about a request.
type seen struct {
	Method string              `json:"method"`
	Path   string              `json:"path"`
	Route  string              `json:"route"`
	Params map[string]string   `json:"params"`
	Query  map[string][]string `json:"query"`
	Many   []string            `json:"many"`
	Body   string              `json:"body"`
}

// describe gives the request as JSON, with a status and headers of our own.
//
//go:wasmexport describe
func describe() int32 {
	return serve.Handle(func(r *serve.Request) (*serve.Response, error) {
		response, err := serve.JSON(seen{r.Method, r.Path, r.Route, r.Params, r.Queries, r.Headers["x-many"], r.Text})
		if err != nil {
			return nil, err
		}
		return response.WithStatus(201).Header("set-cookie", "a=1").Header("set-cookie", "b=2"), nil
	})
}

// reverse gives the body from its end to its beginning, whether it is text or not.
//
//go:wasmexport reverse
func reverse() int32 {
	return serve.Handle(func(r *serve.Request) (*serve.Response, error) {
		bytes := r.Body()
		slices.Reverse(bytes)
		return serve.Bytes(bytes), nil
	})
}

// item gives the item of this number, or says why there is none.
//
//go:wasmexport item
func item() int32 {
	return serve.Handle(func(r *serve.Request) (*serve.Response, error) {
		number := r.Param("number")
		if number == "" {
			return serve.Text("").WithStatus(204), nil
		}
		if _, err := strconv.ParseUint(number, 10, 32); err != nil {
			return serve.Text(err.Error()).WithStatus(404), nil
		}
		return serve.Text("item " + number), nil
	})
}

func main() {}
