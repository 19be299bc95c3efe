package server

import (
	"context"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
)

// mostCauses and mostWarnings are said of one object; longestMessage is how many bytes of a message are. Somebody who fixes the first
// hundred asks again, and the libraries take time by the square of what they have to say.
const (
	mostCauses     = 100
	mostWarnings   = 100
	longestMessage = 4096
)

// Bound makes a registry stop at mostCauses errors of an object, and returns it.
func Bound(registry rest.Storage) rest.Storage {
	store := storeOf(reflect.ValueOf(registry))
	if store == nil || store.CreateStrategy == nil {
		return registry
	}
	if _, already := store.CreateStrategy.(bounded); !already {
		store.CreateStrategy = bounded{store.CreateStrategy}
	}
	return registry
}

// storeOf finds the generic store that a kind's registry embeds, directly or in another registry.
func storeOf(registry reflect.Value) *genericregistry.Store {
	if store, is := registry.Interface().(*genericregistry.Store); is {
		return store
	}
	for registry.Kind() == reflect.Pointer || registry.Kind() == reflect.Interface {
		registry = registry.Elem()
	}
	if registry.Kind() != reflect.Struct {
		return nil
	}
	for i := range registry.NumField() {
		field := registry.Type().Field(i)
		if !field.Anonymous || !field.IsExported() || registry.Field(i).IsZero() {
			continue
		}
		if store := storeOf(registry.Field(i)); store != nil {
			return store
		}
	}
	return nil
}

// bounded is a strategy that stops at mostCauses errors.
type bounded struct{ rest.RESTCreateStrategy }

// Validate implements rest.RESTCreateStrategy.
func (b bounded) Validate(ctx context.Context, object runtime.Object) field.ErrorList {
	return shortened(b.RESTCreateStrategy.Validate(ctx, object))
}

// ValidateDeclaratively implements rest.DeclarativeValidationStrategy.
func (b bounded) ValidateDeclaratively(ctx context.Context, object, old runtime.Object, errs field.ErrorList, kind operation.Type, config rest.DeclarativeValidationConfig) field.ErrorList {
	declarative, is := b.RESTCreateStrategy.(rest.DeclarativeValidationStrategy)
	if !is || len(errs) >= mostCauses {
		return errs
	}
	return shortened(declarative.ValidateDeclaratively(ctx, object, old, errs, kind, config))
}

// DeclarativeValidationConfig implements rest.DeclarativeValidationStrategy.
func (b bounded) DeclarativeValidationConfig(ctx context.Context, object, old runtime.Object) rest.DeclarativeValidationConfig {
	if declarative, is := b.RESTCreateStrategy.(rest.DeclarativeValidationStrategy); is {
		return declarative.DeclarativeValidationConfig(ctx, object, old)
	}
	return rest.DeclarativeValidationConfig{}
}

func shortened(errs field.ErrorList) field.ErrorList {
	if len(errs) > mostCauses {
		return slices.Clone(errs[:mostCauses])
	}
	return errs
}
