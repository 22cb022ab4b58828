package locking

import (
	"tussle/history"
	"tussle/runner/workload"
)

// optimistic: read, think, conditional write. Fail on conflict. A transfer
// over two resources is two such passes, one after the other, since HTTP has
// no conditional write over two resources.
func optimistic(op *workload.Op, _ workload.Workload, _ bool) []Move { return readThinkChange(op) }

// none: read, think, blind write. The same moves as optimistic; its writes
// carry no precondition because the machine never sets {version}.
func none(op *workload.Op, _ workload.Workload, _ bool) []Move { return readThinkChange(op) }

func readThinkChange(op *workload.Op) []Move {
	switch op.Intent {
	case history.IntentRead:
		return readOnly
	case history.IntentTransfer:
		return twoLegs
	case history.IntentPair:
		return readBothChangeOne
	}
	return oneLeg
}

var (
	oneLeg  = []Move{{Step: history.StepRead, Leg: true}, {Think: true}, {Change: true}}
	twoLegs = []Move{
		{Step: history.StepRead, Leg: true}, {Think: true}, {Change: true},
		{Step: history.StepRead, Key: 1, Leg: true}, {Change: true, Key: 1}}
	readBothChangeOne = []Move{
		{Step: history.StepRead, Leg: true}, {Step: history.StepRead, Key: 1}, {Think: true}, {Change: true}}
)

// pessimistic: lock, read, think, write, unlock. Wait on conflict. Two keys
// are locked in sorted order (ordered) or in the order of the intent, which
// can deadlock.
func pessimistic(op *workload.Op, _ workload.Workload, ordered bool) []Move {
	switch op.Intent {
	case history.IntentRead:
		return readOnly
	case history.IntentTransfer, history.IntentPair:
		first, second := 0, 1
		if ordered && op.Key2 < op.Key {
			first, second = 1, 0
		}
		if op.Key2 == op.Key {
			return lockedOne
		}
		moves := []Move{
			{Step: history.StepLock, Key: first, Leg: true}, {Step: history.StepLock, Key: second},
			{Step: history.StepRead}, {Step: history.StepRead, Key: 1}, {Think: true}, {Change: true}}
		if op.Intent == history.IntentTransfer {
			moves = append(moves, Move{Change: true, Key: 1})
		}
		return append(moves, Move{Step: history.StepUnlock, Key: second}, Move{Step: history.StepUnlock, Key: first})
	}
	return lockedOne
}

var lockedOne = []Move{
	{Step: history.StepLock, Leg: true}, {Step: history.StepRead}, {Think: true}, {Change: true}, {Step: history.StepUnlock}}

// server-side: one request, the server does it.
func serverSide(op *workload.Op, w workload.Workload, _ bool) []Move {
	if op.Intent == history.IntentRead {
		return readOnly
	}
	if op.Intent == history.IntentDelete {
		return []Move{{Step: history.StepDelete}}
	}
	return []Move{{Step: w.ServerSide()}}
}
