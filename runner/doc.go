// Package runner carries out a scenario: it starts the target, sets keys up,
// lets clients read, think and write in interleaved blocks, reads the final
// states, and writes down everything that happened. It judges nothing.
//
// [Run] reads like the README's procedure: plan, target, preflight, blocks,
// end. Each block is one stretch of one strategy with keys of its own.
package runner
