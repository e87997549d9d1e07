load shared."/matrix.gp"
