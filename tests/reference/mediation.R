# Mediation within clients (1-1-1) by hand: two models of lme4, a Monte Carlo interval of the product
# of their paths, and the formula of its standard error.
#   Rscript tests/reference/mediation.R
# reads mediation_sessions.csv (simulated: sessions_world of tests/recovery/process_worlds.py with
# seed 11, a .5, b .3, direct .2, 120 clients of 10 sessions, slope_sd .35), writes
# mediation_values.csv beside this script.
# Made with R 4.2.2, lme4 1.1-31.
suppressMessages(library(lme4))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
sessions <- read.csv(file.path(here, "mediation_sessions.csv"))
sessions$mediator <- with(sessions, srs_total_within + srs_total_between + srs_total_therapist)
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 2e5, rhoend = 1e-9))
to_mediator <- lmer(
  mediator ~ time + accommodation_within + accommodation_between +
    (1 | therapist) + (1 + accommodation_within | client),
  sessions, control = control)
to_outcome <- lmer(
  outcome ~ time + accommodation_within + accommodation_between + srs_total_within +
    srs_total_between + (1 | therapist) + (1 + accommodation_within + srs_total_within | client),
  sessions, control = control)
total <- lmer(
  outcome ~ time + accommodation_within + accommodation_between +
    (1 | therapist) + (1 + accommodation_within | client),
  sessions, control = control)
row <- function(term, fit, name) {
  data.frame(term = term, estimate = fixef(fit)[[name]], se = sqrt(vcov(fit)[name, name]))
}
values <- rbind(
  row("path_a", to_mediator, "accommodation_within"),
  row("path_b", to_outcome, "srs_total_within"),
  row("direct", to_outcome, "accommodation_within"),
  row("total", total, "accommodation_within"))
a <- values$estimate[1]; b <- values$estimate[2]
se_a <- values$se[1]; se_b <- values$se[2]
set.seed(1)
draws <- rnorm(4e6, a, se_a) * rnorm(4e6, b, se_b)
limits <- quantile(draws, c(.025, .975), names = FALSE)
values$ci_low <- NA; values$ci_high <- NA
values <- rbind(values, data.frame(
  term = "indirect", estimate = a * b,
  se = sqrt(a^2 * se_b^2 + b^2 * se_a^2 + se_a^2 * se_b^2),
  ci_low = limits[1], ci_high = limits[2]))
bound <- attr(VarCorr(to_mediator)$client, "stddev")[["accommodation_within"]] *
  attr(VarCorr(to_outcome)$client, "stddev")[["srs_total_within"]]
values <- rbind(values, data.frame(
  term = "slope_covariance_bound", estimate = bound, se = NA, ci_low = NA, ci_high = NA))
write.csv(values, file.path(here, "mediation_values.csv"), row.names = FALSE, na = "")
