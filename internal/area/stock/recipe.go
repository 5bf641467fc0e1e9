package stock

import (
	"errors"
	"fmt"
	"slices"

	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
)

// recipeBack is how far back a recipe may begin: a wrong one is mended, the books of last year are not.
const recipeBack = 31

// SetRecipe is the command behind a recipe. No items: the service takes nothing.
type SetRecipe struct {
	ID      fact.FactID
	Service string
	From    fact.Day // none: today
	Per     int      // 0 is 1
	Items   []Part
}

// Decide turns the command into the open part of its fact.
func (cmd SetRecipe) Decide(org fact.OrgID, items Items, cat *catalogue.Catalogue, today fact.Day) (RecipeSetOpen, error) {
	var bad []error
	switch s, ok := cat.Service(cmd.Service); {
	case !ok:
		return RecipeSetOpen{}, fault.NotFound("stock.no_service", "there is no such service; see /api/services")
	case s.Seen == catalogue.ClassSealed:
		bad = append(bad, fault.Field("service", "stock.sealed_service", "a service of class S is never recorded, so it can take nothing"))
	}
	if cmd.From == 0 {
		cmd.From = today
	}
	if cmd.From < today-recipeBack || cmd.From > today+366 {
		bad = append(bad, fault.Fieldf("from", "stock.bad_from", "a recipe begins at most %d days back and a year ahead", recipeBack))
	}
	if cmd.Per == 0 {
		cmd.Per = 1
	}
	if cmd.Per < 1 || cmd.Per > 1000 {
		bad = append(bad, fault.Field("per", "stock.bad_per", "the units of the service that take the items once are 1 to 1000"))
	}
	parts(cmd.Items, items, "items", 1000, true, &bad)
	return RecipeSetOpen{Org: org, Service: cmd.Service, From: cmd.From, Per: cmd.Per, Items: cmd.Items}, errors.Join(bad...)
}

// parts checks a list of items with numbers.
func parts(list []Part, items Items, name string, top int, none bool, bad *[]error) {
	if len(list) == 0 && !none {
		*bad = append(*bad, fault.Field(name, "stock.nothing_recorded", "name at least one item with its quantity"))
	}
	seen := map[string]bool{}
	for i, p := range list {
		field := fmt.Sprintf("%s.%d", name, i)
		if _, ok := items.Of(p.Item); !ok {
			*bad = append(*bad, fault.Field(field+".item", "stock.unknown_item", "this item is not in the list; see /api/stock/items"))
		}
		if p.Quantity < 1 || p.Quantity > top {
			*bad = append(*bad, fault.Fieldf(field+".quantity", "stock.bad_quantity", "a quantity is a whole number from 1 to %d", top))
		}
		if seen[p.Item] {
			*bad = append(*bad, fault.Field(field+".item", "stock.item_twice", "this item stands in the list already; add the quantities"))
		}
		seen[p.Item] = true
	}
}

// recipes are all recipes of an organisation: by service, the latest first day first.
type recipes map[string][]Recipe

func newRecipes(set []Recipe) recipes {
	out := recipes{}
	for _, r := range base().Recipes {
		out[r.Service] = append(out[r.Service], r)
	}
	for _, r := range set {
		out[r.Service] = append(out[r.Service], r)
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b Recipe) int { return int(b.From) - int(a.From) })
	}
	return out
}

// on returns what one service takes on a day.
func (r recipes) on(service string, day fact.Day) (Recipe, bool) {
	for _, x := range r[service] {
		if x.From <= day {
			return x, x.Per > 0
		}
	}
	return Recipe{}, false
}

// takes tells how many of an item so many units of a service took on a day, to the nearest whole one.
func (r recipes) takes(service string, day fact.Day, item string, n int) int {
	x, ok := r.on(service, day)
	if !ok {
		return 0
	}
	for _, p := range x.Items {
		if p.Item == item {
			return (2*n*p.Quantity + x.Per) / (2 * x.Per)
		}
	}
	return 0
}
