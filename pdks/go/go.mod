module github.com/plugwright/plugwright/pdks/go

go 1.24
