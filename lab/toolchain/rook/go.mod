module rbd-dr.lab/rook

go 1.26

require github.com/rook/rook v1.17.9 // indirect
