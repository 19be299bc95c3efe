package chart

import (
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// parse reads a version as Flux does: it has three parts.
func parse(version string) (*semver.Version, error) {
	if strings.Count(version, ".") < 2 {
		return nil, semver.ErrInvalidSemVer
	}
	return semver.NewVersion(version)
}

// exact says whether a version is one and no constraint.
func exact(version string) bool {
	_, err := parse(version)
	return err == nil
}

// choose returns the index of the version that Flux takes: the same text, or the highest that satisfies the constraint. later breaks a tie
// between versions that differ by build metadata only.
func choose(versions []string, constraint string, later func(i, j int) bool) (int, error) {
	for i, version := range versions {
		if constraint != "" && version == constraint {
			return i, nil
		}
	}
	if constraint == "" {
		constraint = "*"
	}
	wanted, err := semver.NewConstraint(constraint)
	if err != nil {
		return -1, failed("version-not-found", "%q is no version constraint: %w", constraint, err)
	}
	best, found := -1, (*semver.Version)(nil)
	for i, text := range versions {
		version, err := parse(text)
		if err != nil || !wanted.Check(version) {
			continue
		}
		if found == nil || version.GreaterThan(found) || version.Equal(found) && later(i, best) {
			best, found = i, version
		}
	}
	if found == nil {
		return -1, failed("version-not-found", "none of %d versions satisfies %q%s", len(versions), constraint, example(versions))
	}
	return best, nil
}

// example shows what there is, when that is little.
func example(versions []string) string {
	if len(versions) == 0 || len(versions) > 8 {
		return ""
	}
	return fmt.Sprintf(" (%s)", strings.Join(versions, ", "))
}
