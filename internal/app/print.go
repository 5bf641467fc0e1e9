package app

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"time"

	"serai/internal/access"
	"serai/internal/area/assist"
	"serai/internal/area/cards"
	"serai/internal/card"
	"serai/internal/catalogue"
	"serai/internal/fact"
)

// issueCard gives out a card at a contact, the way the desk does, and returns its text.
func (n *Node) issueCard(ctx context.Context, who access.Actor, point fact.PointID, person fact.PersonID, c assist.Contact) (string, error) {
	printed, err := n.Cards.Issue(ctx, who, cards.Issue{Point: point, Person: person, Contacts: []fact.ContactID{c.Contact}, Language: "fr", Agreed: "yes"})
	return printed.Text, err
}

// updateCard writes the help of a contact on a card and returns the text of the new print.
func (n *Node) updateCard(ctx context.Context, who access.Actor, point fact.PointID, text string, c assist.Contact) (string, error) {
	printed, err := n.Cards.Update(ctx, who, cards.Update{Text: text, Point: point, Contact: c.Contact, Language: "fr"})
	return printed.Text, err
}

// sampleCard gives a hygiene kit and a card to somebody who gives no name, on a day in the past.
func (n *Node) sampleCard(ctx context.Context, who access.Actor, point fact.PointID, on time.Time) (string, error) {
	c, err := n.Assist.Record(ctx, who, assist.RecordInput{Point: point, Record: assist.Record{Happened: on, Sex: "F",
		Age: &catalogue.Age{Low: 18, High: 59}, Group: "on_move", Stage: "transit", Direction: "onward", Repeat: "first",
		Services: []assist.Given{{Code: "hygiene_kit", Quantity: 1}, {Code: "water", Quantity: 3}}}})
	if err != nil {
		return "", err
	}
	return n.issueCard(ctx, who, point, fact.PersonID{}, c)
}

// BenchCard measures signing and reading cards, one after the other on one core.
func BenchCard(ctx context.Context, count int) ([]Measured, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	w, err := cards.NewWorkbench(rand.Reader, time.Now, key, catalogue.Base())
	if err != nil {
		return nil, err
	}
	sign := Measured{What: "card sign", N: count}
	read := Measured{What: "card read", N: count}
	texts := make([]string, 0, count)
	var took []float64
	begin, cpu := time.Now(), cpuTime()
	for range count {
		one := time.Now()
		c, err := w.Issue(10)
		if err != nil {
			return nil, err
		}
		took = append(took, since(one))
		texts = append(texts, c.Text)
	}
	sign.finish(begin, cpu, took)
	took = nil
	begin, cpu = time.Now(), cpuTime()
	for _, text := range texts {
		one := time.Now()
		r, err := w.Read(text)
		if err != nil || r.State != card.Verified || len(r.Lines) != 10 {
			return nil, fmt.Errorf("a card of the benchmark does not read: %v", err)
		}
		took = append(took, since(one))
	}
	read.finish(begin, cpu, took)
	return []Measured{sign, read}, ctx.Err()
}

func (m *Measured) finish(begin time.Time, cpu time.Duration, took []float64) {
	m.PerSecond = float64(m.N) / time.Since(begin).Seconds()
	m.CPUEach = (cpuTime() - cpu).Seconds() * 1000 / float64(max(m.N, 1))
	took = sortedCopy(took)
	m.P50, m.P99 = quantile(took, 0.5), quantile(took, 0.99)
}
