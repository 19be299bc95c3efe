package helm

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	v2 "github.com/fluxcd/helm-controller/api/v2"
)

// longestName is what Helm allows a release's name.
const longestName = 53

func (r *rendering) release() (*v2.HelmRelease, error) {
	release := &v2.HelmRelease{}
	if err := json.Unmarshal(r.args.Release, release); err != nil {
		return nil, because("release-invalid", "", err)
	}
	if release.Name == "" {
		return nil, because("release-invalid", "/metadata/name", errors.New("the HelmRelease has no name"))
	}
	return release, nil
}

func target(release *v2.HelmRelease) released {
	return released{
		Name:             shorten(release.GetReleaseName()),
		Namespace:        release.GetReleaseNamespace(),
		StorageNamespace: release.GetStorageNamespace(),
		CreatesNamespace: release.Spec.TargetNamespace != "" && release.GetInstall().CreateNamespace,
	}
}

// shorten keeps the start of a long name and tells it apart by a hash, as helm-controller does.
func shorten(name string) string {
	if len(name) <= longestName {
		return name
	}
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(name)))[:12]
	return name[:longestName-len(hash)-1] + "-" + hash
}
