# Random-effects meta-analyses by metafor: Paule-Mandel, Hartung-Knapp with the ad hoc correction.
# Rscript tests/reference/pooled.R writes pooled_values.csv beside this file.
# The studies are made up: alike, unlike, two, and one that is far more precise than the others.
library(metafor)
sets <- list(
  alike = list(y = c(.10, .12, .11, .13), se = c(.10, .08, .12, .09)),
  unlike = list(y = c(-.20, .15, .40, .05, .62), se = c(.10, .08, .12, .09, .15)),
  two = list(y = c(.05, .45), se = c(.10, .12)),
  two_alike = list(y = c(.20, .22), se = c(.10, .12)),
  precise = list(y = c(-.5, .3, .1), se = c(.30, .01, .25))
)
rows <- do.call(rbind, lapply(names(sets), function(name) {
  one <- sets[[name]]
  fit <- rma(one$y, sei = one$se, method = "PM", test = "adhoc", control = list(tol = 1e-12))
  same <- rma(one$y, sei = one$se, method = "FE")
  data.frame(
    set = name, y = paste(one$y, collapse = " "), se_each = paste(one$se, collapse = " "),
    estimate = fit$beta[1], se = fit$se, low = fit$ci.lb, high = fit$ci.ub, p = fit$pval,
    tau2 = fit$tau2, q = fit$QE, q_p = fit$QEp, common = same$beta[1],
    common_low = same$ci.lb, common_high = same$ci.ub
  )
}))
write.csv(
  format(rows, digits = 12, trim = TRUE), "tests/reference/pooled_values.csv",
  row.names = FALSE, quote = FALSE
)
cat("metafor", as.character(packageVersion("metafor")), R.version.string, "\n")
