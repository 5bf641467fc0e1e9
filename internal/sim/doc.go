// Package sim invents journeys along humanitarian routes and knows the truth about them.
//
// The people at a desk never know how many persons stand behind their contacts: somebody gives no name, a card was
// taken at a checkpoint, another Society writes the same name with other ears. Demonstrations, benchmarks and tests
// need exactly that knowledge, so the simulator produces both sides: a stream of [Event] values as desks would record
// them, and a [Truth] that says who was who.
//
// # Words
//
//   - Person: one human being. Nobody in here exists; names are combined at random from lists in the folder names.
//   - Party: people who travel together (alone, companions, a family).
//   - Convoy: a truck, bus or boat that carries several parties and arrives at once.
//   - Stay: the time a party spends at one place. A person is met only during a stay at that place.
//   - Operating day: 04:00 to 04:00 local time. A person has at most one contact per point and operating day.
//   - Lineage: what stays the same when a card is printed again. A person who lost a card and takes a new one has two.
//   - File: what one organisation wrote about a person. The same person may have several, also at one organisation.
//
// Fields whose names begin with Truth (truth_ in JSON) are what a desk cannot know. A consumer that plays the part of
// desks must not read them.
//
// # Promises
//
// The same [Config] gives the same events, byte for byte, on every machine: there is no clock, no global randomness and
// no map iteration on the way. Events come in order of time. A contact names only services that its point offers; what
// the field calls sealed services (class S) appear only as daily tallies without any person.
//
// Rates are plausible guesses for exercising software. They are not findings about any route, and no figure that this
// package produces may be quoted as one.
package sim
