"""What a customer is worth: purchases and spend modelled, forecast per customer, backtested."""
