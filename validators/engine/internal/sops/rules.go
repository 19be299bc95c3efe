package sops

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/config"

	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// CreationRule is what SOPS would encrypt a file by: the first rule of the configuration whose expression fits its path.
type CreationRule struct {
	Recipients       [][]Recipient `json:"recipients"`
	Selector         Selector      `json:"selector"`
	MACOnlyEncrypted bool          `json:"mac_only_encrypted"`
	Threshold        int           `json:"shamir_threshold"`
	Failure          string        `json:"failure,omitempty"` // SOPS's own words: no rule fits, or the configuration cannot be understood
}

// CreationRules answers `creation-rules`: by SOPS's own reading of the configuration, which nothing but that file goes into.
func CreationRules(_ context.Context, workerConfig *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[struct {
		Root   string   `json:"root"`
		Config string   `json:"config"`
		Paths  []string `json:"paths"`
	}](request)
	if err != nil {
		return nil, nil, err
	}
	files, err := jail.Open(workerConfig.Roots, args.Root)
	if err != nil {
		return nil, nil, err
	}
	defer files.Close()
	if !filepath.IsLocal(filepath.FromSlash(args.Config)) {
		return nil, nil, errors.New("the configuration lies outside of the checkout")
	}
	path := filepath.Join(args.Root, filepath.FromSlash(args.Config))
	found := make([]CreationRule, len(args.Paths))
	for i, file := range args.Paths {
		found[i] = creationRule(path, filepath.Join(args.Root, filepath.FromSlash(file)))
	}
	return map[string]any{"rules": found}, nil, nil
}

func creationRule(configPath, path string) (found CreationRule) {
	defer func() {
		if fault := recover(); fault != nil {
			found = CreationRule{Failure: "SOPS gave up on the configuration"}
		}
	}()
	if status, err := os.Lstat(configPath); err != nil || !status.Mode().IsRegular() || status.Size() > 1<<20 {
		return CreationRule{Failure: "the configuration is no plain file, or larger than 1 MiB"}
	}
	rule, err := config.LoadCreationRuleForFile(configPath, path, nil)
	if err != nil {
		return CreationRule{Failure: err.Error()}
	}
	if rule == nil {
		return CreationRule{Failure: "the configuration has no creation rules"}
	}
	metadata := sops.Metadata{
		KeyGroups: rule.KeyGroups, UnencryptedSuffix: rule.UnencryptedSuffix, EncryptedSuffix: rule.EncryptedSuffix, UnencryptedRegex: rule.UnencryptedRegex,
		EncryptedRegex: rule.EncryptedRegex, UnencryptedCommentRegex: rule.UnencryptedCommentRegex, EncryptedCommentRegex: rule.EncryptedCommentRegex,
	}
	found = CreationRule{Recipients: recipients(metadata), MACOnlyEncrypted: rule.MACOnlyEncrypted, Threshold: rule.ShamirThreshold}
	found.Selector.Kind, found.Selector.Value = selectorOf(metadata)
	return found
}
