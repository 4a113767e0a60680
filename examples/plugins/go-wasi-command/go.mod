module go-wasi-command

go 1.24
