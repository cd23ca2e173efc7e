"""The operators' and organisation administrators' view over all rooms. Holds no rules of its own."""
