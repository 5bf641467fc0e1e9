package accounts

// NewForTest makes a service whose Argon2id costs next to nothing: hundreds of sign-ins are then a second of test.
func NewForTest(c Config) (*Service, error) { return build(c, cost{memory: 8, passes: 1}) }
