"""Every table that crosses a border, one module a stage; `joren.contract` holds tables to them."""
