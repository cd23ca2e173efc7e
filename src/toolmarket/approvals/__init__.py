"""Human decisions bound to exact parameters. Not the rules that ask for them (governance)."""
