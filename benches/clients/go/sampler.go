package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// plan is how much is measured.
type plan struct {
	rounds int
	// batches is how many make a sample; the best counts, since other programs make a batch slower, and never faster.
	batches int
	// batch is how long one takes, about.
	batch time.Duration
}

func newPlan(quick bool) plan {
	if quick {
		return plan{rounds: 5, batches: 3, batch: 5 * time.Millisecond}
	}
	return plan{rounds: 31, batches: 3, batch: 20 * time.Millisecond}
}

// operation is a row's work by one SDK.
type operation struct {
	call  func() ([]byte, error)
	close func() error
}

// result is what came out of a row.
type result struct {
	name string
	// public and own are nanoseconds of a call, medians of the samples.
	public, own float64
	// ratio is the median of the rounds' ratios of the public SDK to ours.
	ratio float64
	// publicAllocations and ownAllocations are how many objects a call puts on the heap.
	publicAllocations, ownAllocations float64
}

// measure measures a row by both SDKs, in turns: what disturbs the machine disturbs both.
func measure(row row, plan plan) (measured result, err error) {
	public, err := publicOperation(row)
	if err != nil {
		return result{}, fmt.Errorf("the public SDK: %w", err)
	}
	defer func() { err = errors.Join(err, public.close()) }()
	own, err := ownOperation(row)
	if err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, own.close()) }()

	both := [2]*operation{public, own}
	var samplers [2]*sampler
	for side, operation := range both {
		if samplers[side], err = newSampler(operation, &row.work, plan); err != nil {
			return result{}, err
		}
	}
	var samples [2][]float64
	var ratios []float64
	for round := range plan.rounds {
		var times [2]float64
		for turn := range both {
			// Neither is always the first.
			side := (turn + round) % 2
			if times[side], err = samplers[side].sample(); err != nil {
				return result{}, err
			}
			samples[side] = append(samples[side], times[side])
		}
		ratios = append(ratios, times[0]/times[1])
	}
	return result{
		name:              row.name,
		public:            median(samples[0]),
		own:               median(samples[1]),
		ratio:             median(ratios),
		publicAllocations: samplers[0].allocations,
		ownAllocations:    samplers[1].allocations,
	}, nil
}

// sampler takes samples of an operation.
type sampler struct {
	operation   *operation
	work        *work
	calls       int
	batches     int
	allocations float64
}

// newSampler warms an operation up, and finds how many calls make a batch.
func newSampler(operation *operation, work *work, plan plan) (*sampler, error) {
	made := &sampler{operation: operation, work: work, calls: 1, batches: plan.batches}
	for {
		elapsed, err := made.batch()
		if err != nil {
			return nil, err
		}
		if elapsed >= plan.batch/2 {
			break
		}
		made.calls *= 2
	}
	return made, made.countAllocations()
}

// sample is the nanoseconds of a call in the best of some batches.
func (s *sampler) sample() (float64, error) {
	// So that nobody clears up after the other.
	runtime.GC()
	var best time.Duration
	for index := range s.batches {
		elapsed, err := s.batch()
		if err != nil {
			return 0, err
		}
		if index == 0 || elapsed < best {
			best = elapsed
		}
	}
	return float64(best.Nanoseconds()) / float64(s.calls), nil
}

// batch makes calls, and checks each output: cheaply while the time runs, the last one byte by byte after it.
func (s *sampler) batch() (time.Duration, error) {
	var output []byte
	var err error
	begin := time.Now()
	for range s.calls {
		output, err = s.operation.call()
		if err != nil {
			return 0, err
		}
		if len(output) != len(s.work.output) {
			break
		}
	}
	elapsed := time.Since(begin)
	return elapsed, s.work.check(output)
}

// countAllocations counts the objects that calls put on the heap.
func (s *sampler) countAllocations() error {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := s.batch(); err != nil {
		return err
	}
	runtime.ReadMemStats(&after)
	s.allocations = float64(after.Mallocs-before.Mallocs) / float64(s.calls)
	return nil
}

// median is the value in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
