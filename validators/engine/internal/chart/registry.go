package chart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"helm.sh/helm/v4/pkg/registry"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"
)

// What a registry may answer: pages of tags, and bytes of a manifest.
const (
	mostPages       = 200
	largestManifest = 4 << 20
)

// fromRegistry takes a chart from an OCI registry, by the digest of its manifest, by a tag, or by the highest tag that a constraint allows.
func (f *fetching) fromRegistry(ctx context.Context, where address) (result, error) {
	repository, err := f.repository(where)
	if err != nil {
		return result{}, err
	}
	reference, version, err := f.reference(ctx, repository, where)
	if err != nil {
		return result{}, err
	}
	descriptor, err := repository.Resolve(ctx, reference)
	if err != nil {
		return result{}, f.answered(where, err)
	}
	layer, err := chartLayer(ctx, repository, descriptor)
	if err != nil {
		return result{}, f.answered(where, err)
	}
	body, err := repository.Blobs().Fetch(ctx, layer)
	if err != nil {
		return result{}, f.answered(where, err)
	}
	defer body.Close()
	found := result{Version: version, Manifest: descriptor.Digest.String()}
	if found.Archive, found.Digest, err = f.store.add(connection{body}); err != nil {
		return result{}, err
	}
	if want := layer.Digest.String(); strings.HasPrefix(want, "sha256:") && want != found.Digest {
		return result{}, failed("digest-mismatch", "%s came with the digest %s instead of %s", where, found.Digest, want)
	}
	return found, nil
}

func (f *fetching) repository(where address) (*remote.Repository, error) {
	repository, err := remote.NewRepository(strings.TrimPrefix(where.url, "oci://"))
	if err != nil {
		return nil, failed("chart-not-found", "%s: %w", where, err)
	}
	repository.PlainHTTP = f.args.Insecure
	repository.TagListMaxPages = mostPages
	repository.ManifestMediaTypes = []string{ocispec.MediaTypeImageManifest}
	login := f.login(where) // without one, tokens are asked for as nobody in particular
	repository.Client = &auth.Client{Client: newGate(f.args, login).client(), Credential: login.credential, Cache: auth.NewCache()}
	return repository, nil
}

// reference says by what the manifest is asked for, and which version that is. A tag writes the plus sign of a version as underscore.
func (f *fetching) reference(ctx context.Context, repository *remote.Repository, where address) (reference, version string, err error) {
	switch {
	case where.digest != "":
		return where.digest, where.version, nil
	case exact(where.version):
		return strings.ReplaceAll(where.version, "+", "_"), where.version, nil
	}
	versions := []string{}
	err = repository.Tags(ctx, "", func(tags []string) error {
		for _, tag := range tags {
			versions = append(versions, strings.ReplaceAll(tag, "_", "+"))
		}
		return nil
	})
	if err != nil {
		return "", "", f.answered(where, err)
	}
	tag := where.version
	if tag == "" && f.args.Kind == "OCIRepository" {
		tag = "latest" // what Flux takes of an OCIRepository without a reference
	}
	if slices.Contains(versions, strings.ReplaceAll(tag, "_", "+")) { // a tag that is no version
		return tag, tag, nil
	}
	chosen, err := choose(versions, where.version, func(i, j int) bool { return versions[i] > versions[j] })
	if err != nil {
		return "", "", err
	}
	return strings.ReplaceAll(versions[chosen], "+", "_"), versions[chosen], nil
}

// chartLayer finds the archive that a manifest names.
func chartLayer(ctx context.Context, repository *remote.Repository, descriptor ocispec.Descriptor) (layer ocispec.Descriptor, err error) {
	if descriptor.Size > largestManifest {
		return layer, failed("chart-too-large", "the manifest has %d bytes", descriptor.Size)
	}
	body, err := content.FetchAll(ctx, repository, descriptor)
	if err != nil {
		return layer, err
	}
	var manifest ocispec.Manifest
	if err := json.Unmarshal(body, &manifest); err != nil {
		return layer, failed("chart-not-found", "the manifest cannot be read: %w", err)
	}
	for _, layer := range manifest.Layers {
		if layer.MediaType == registry.ChartLayerMediaType || layer.MediaType == registry.LegacyChartLayerMediaType {
			if layer.Size > largest {
				return layer, failed("chart-too-large", "the archive has %d bytes, more than %d", layer.Size, int64(largest))
			}
			return layer, nil
		}
	}
	return layer, failed("chart-not-found", "the manifest %s names no chart", descriptor.Digest)
}

// answered turns an error of a registry into a failure.
func (f *fetching) answered(where address, err error) error {
	var known *trouble
	var response *errcode.ErrorResponse
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, errdef.ErrNotFound), errors.As(err, &response) && response.StatusCode == 404:
		reason := "chart-not-found"
		if lasting(where) {
			reason = "version-not-found"
		}
		return failed(reason, "%s is not there: %w", where, err)
	case errors.Is(err, auth.ErrBasicCredentialNotFound), errors.As(err, &response) && (response.StatusCode == 401 || response.StatusCode == 403):
		return f.login(where).refused(fmt.Sprintf("%s: %v", where, err))
	case errors.Is(err, content.ErrMismatchedDigest), errors.Is(err, content.ErrTrailingData):
		return failed("digest-mismatch", "%s: %w", where, err)
	}
	return reached(err)
}
