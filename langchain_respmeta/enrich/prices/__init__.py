"""Find and compute a price: `price` is the entrance.

`gateways` names the vendor behind a gateway, `price_lists` the price list, `model_names` the model in it; `tiers` holds
what a service tier changes, `units` what is counted; `rates` does the arithmetic, `book` keeps compiled rates of one
snapshot of the price data, `loader` loads that data without blocking a caller, `user` keeps the user's own prices.
"""
