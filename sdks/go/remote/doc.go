// Package remote calls plug-ins that run on workers elsewhere, over NATS, as if they were local.
//
//	conn, err := nats.Connect("nats://127.0.0.1:4222")
//	…
//	greet, err := remote.New(conn, "greet", remote.Config{Idempotent: true})
//	…
//	_, output, err := greet.CallWithContext(ctx, "say_hello", []byte("Jane Doe"))
//
// Workers are started by `plugwright worker`. The package is a module of its own, so that the SDK does not depend on NATS.
package remote
