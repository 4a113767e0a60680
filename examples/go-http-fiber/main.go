// Command go-http-fiber serves a function of a plug-in over HTTP, with Fiber:
//
//	go-http-fiber <wasm file> <function> <port>
//
// The body of a POST is the function's input, and its output is the answer. Port 0 is any that is free.
//
// A plug-in does one thing at a time. A server has many requests at a time, so they share a pool of instances; a request that finds none
// free waits for its turn.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"time"

	"github.com/gofiber/fiber/v3"

	plugwright "github.com/plugwright/plugwright/sdks/go"
)

const (
	// callLimit is how long one call may take, and requestLimit how long a request may wait for its turn besides.
	callLimit    = 5 * time.Second
	requestLimit = 10 * time.Second
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: go-http-fiber <wasm file> <function> <port>")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx, os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// serve serves until the context is done.
func serve(ctx context.Context, path, function, port string) error {
	background := context.WithoutCancel(ctx)
	manifest := plugwright.Manifest{
		Wasm:    []plugwright.Wasm{plugwright.WasmFile{Path: path}},
		Timeout: uint64(callLimit.Milliseconds()),
	}
	compiled, err := plugwright.NewCompiledPlugin(ctx, manifest, plugwright.PluginConfig{EnableWasi: true}, nil)
	if err != nil {
		return err
	}
	defer compiled.Close(background)
	pool, err := plugwright.NewPool(compiled, plugwright.PoolConfig{Max: 2 * runtime.NumCPU()})
	if err != nil {
		return err
	}
	defer pool.Close(background)

	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return err
	}
	fmt.Printf("serving on 127.0.0.1 port %d (http://%s/)\n", listener.Addr().(*net.TCPAddr).Port, listener.Addr())
	return newApp(pool, function).Listener(listener, fiber.ListenConfig{
		DisableStartupMessage: true,
		GracefulContext:       ctx,
	})
}

// newApp is the server's routes.
func newApp(pool *plugwright.Pool, function string) *fiber.App {
	app := fiber.New()
	app.Post("/", func(c fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.Context(), requestLimit)
		defer cancel()
		_, output, err := pool.CallWithContext(ctx, function, c.Body())
		if err != nil {
			return c.Status(status(err)).SendString(err.Error())
		}
		return c.Send(output)
	})
	return app
}

// status tells whose fault an error is.
func status(err error) int {
	switch {
	case errors.Is(err, plugwright.KindGuest):
		return fiber.StatusUnprocessableEntity
	case errors.Is(err, plugwright.KindTimeout), errors.Is(err, plugwright.KindPoolTimeout):
		return fiber.StatusServiceUnavailable
	default:
		return fiber.StatusInternalServerError
	}
}
