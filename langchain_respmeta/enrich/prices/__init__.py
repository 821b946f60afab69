"""How a price is found and computed: `price` is the door.

`names` says which price list and which model, `tiers` what a service tier changes, `units` what is counted,
`rates` does the arithmetic, `book` holds compiled rates over one state of the price data, `loader` brings that
data in without stalling anybody, `user` keeps the user's own prices.
"""
