# Probabilities standardised over the rows (and over groups) at a low and a high value of x, with
# their covariance by the delta method, from glm and from lme4's glmer.
#   Rscript tests/reference/standardised.R
# reads logistic_rows.csv and writes standardised_values.csv beside this script.
# Made with R 4.2.2, lme4 1.1-31, numDeriv 2016.8-1.1. The average over groups is by R's integrate,
# the covariance of all parameters from a numerical Hessian of the deviance.
suppressMessages(library(lme4))
library(numDeriv)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
rows <- read.csv(file.path(here, "logistic_rows.csv"))
rows$event <- as.numeric(rows$logit > 0)
low <- transform(rows, x = -1)
high <- transform(rows, x = 1)
inverse <- list(logit = plogis, cloglog = function(eta) -expm1(-exp(eta)))
tight <- glmerControl(optimizer = "bobyqa", tolPwrss = 1e-14, check.conv.grad = "ignore",
                      optCtrl = list(rhobeg = 1e-2, rhoend = 1e-10, maxfun = 1e5))
found <- NULL
for (link in names(inverse)) for (grouped in c(FALSE, TRUE)) {
  share <- inverse[[link]]
  if (grouped) {
    criterion <- glmer(event ~ x + arm + (1 | group), rows, binomial(link), nAGQ = 25,
                       devFunOnly = TRUE)
    fit <- glmer(event ~ x + arm + (1 | group), rows, binomial(link), nAGQ = 25, control = tight)
    at <- c(getME(fit, "theta"), fixef(fit))
    covariance <- 2 * solve(hessian(criterion, at))
  } else {
    fit <- glm(event ~ x + arm, binomial(link), rows, epsilon = 1e-15)
    at <- c(0, coef(fit))
    covariance <- rbind(0, cbind(0, vcov(fit)))
  }
  probabilities <- function(parameters) sapply(list(low, high), function(table) {
    eta <- cbind(1, table$x, table$arm) %*% parameters[-1]
    if (!grouped) return(mean(share(eta)))
    mean(sapply(eta, function(one) integrate(function(u)
      share(one + parameters[1] * u) * dnorm(u), -9, 9, rel.tol = 1e-11)$value))
  })
  value <- probabilities(at)
  slopes <- jacobian(probabilities, at)
  spread <- slopes %*% covariance %*% t(slopes)
  found <- rbind(found, data.frame(link, grouped, quantity = c("low", "high", "var_low", "var_high",
    "covariance"), value = sprintf("%.10g", c(value, spread[1, 1], spread[2, 2], spread[1, 2]))))
}
write.csv(found, file.path(here, "standardised_values.csv"), row.names = FALSE, quote = FALSE)
