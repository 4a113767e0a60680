module go-say-hello

go 1.24

require github.com/plugwright/plugwright/pdks/go v0.0.0

replace github.com/plugwright/plugwright/pdks/go => ../../../pdks/go
