"""Who a customer is today by a rule a manager knows: status, rank, the cells of incumbent tools."""
