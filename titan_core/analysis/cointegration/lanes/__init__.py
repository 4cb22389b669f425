"""Eight residuals side by side: the lag search and the Dickey–Fuller statistic from sums of products."""
