# Binary models by lme4 and glm.
#   Rscript tests/reference/logistic.R <folder of toenail.csv and first_sex.csv>
# writes logistic_rows.csv (drawn) and logistic_values.csv beside this script.
# Made with R 4.2.2, lme4 1.1-31. Tolerances are far tighter than the defaults: glmer by default ends
# its search for the modes early (tolPwrss = 1e-7), which shows where nodes are few, and glm takes its
# errors from the step before the last. Models named "default" keep the default of the former.
suppressMessages(library(lme4))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
folder <- commandArgs(trailingOnly = TRUE)[1]
tight <- glmerControl(optimizer = "bobyqa", tolPwrss = 1e-14, check.conv.grad = "ignore",
                      optCtrl = list(rhobeg = 1e-2, rhoend = 1e-10, maxfun = 1e5))
default <- glmerControl(optimizer = "bobyqa", check.conv.grad = "ignore",
                        optCtrl = list(maxfun = 1e5))
found <- list()
add <- function(model, quantity, term, value)
  found[[length(found) + 1]] <<- data.frame(model, quantity, term, value = sprintf("%.12g", value))

record <- function(name, fit, polished = NULL) {
  table <- coef(summary(fit))
  estimates <- if (is.null(polished)) table[, 1] else polished$fixef
  for (row in seq_len(nrow(table))) {
    add(name, "estimate", rownames(table)[row], estimates[[row]])
    add(name, "se", rownames(table)[row], table[row, 2])
  }
  if (!is.null(polished)) {
    add(name, "sd", names(getME(fit, "flist"))[1], polished$theta)
    add(name, "deviance", "", polished$deviance)
    modes <- as.data.frame(ranef(fit, condVar = TRUE))
    for (row in 1:3) {
      add(name, "mode", as.character(modes$grp[row]), modes$condval[row])
      add(name, "mode_se", as.character(modes$grp[row]), modes$condsd[row])
    }
  } else add(name, "deviance", "", -2 * as.numeric(logLik(fit)))
}
agq <- function(formula, data, nodes, family = binomial(), ...)
  glmer(formula, data, family, nAGQ = nodes, control = tight, ...)

# bobyqa compares deviances, whose rounding hides the last digits of a maximum: two Newton steps by
# central differences find them
polish <- function(fit, criterion) {
  at <- c(getME(fit, "theta"), fixef(fit))
  hessian <- lme4:::deriv12(criterion, at)$Hessian
  steps <- 1e-2 * sqrt(2 / diag(hessian))
  for (round in 1:2) {
    slope <- sapply(seq_along(at), function(k) {
      difference <- function(width) {
        move <- replace(numeric(length(at)), k, width)
        (criterion(at + move) - criterion(at - move)) / (2 * width)
      }
      (4 * difference(steps[k] / 2) - difference(steps[k])) / 3
    })
    at <- at - solve(hessian, slope)
  }
  list(theta = at[1], fixef = at[-1], deviance = criterion(at))
}

toenail <- read.csv(file.path(folder, "toenail.csv"))
toenail$y <- as.numeric(toenail$outcome == "moderate or severe")
toenail$trt <- as.numeric(toenail$treatment != "itraconazole")
with_group <- function(name, ...) {
  fit <- agq(...)
  record(name, fit, polish(fit, agq(..., devFunOnly = TRUE)))
}
by_default <- function(name, formula, data, nodes) {
  fit <- glmer(formula, data, binomial, nAGQ = nodes, control = default)
  record(paste0(name, nodes, "_default"), fit,
         list(theta = getME(fit, "theta"), fixef = fixef(fit), deviance = -2 * c(logLik(fit))))
}
trial <- y ~ time * trt + (1 | patientID)
herds <- cbind(incidence, size - incidence) ~ period + (1 | herd)
for (nodes in c(1, 5, 10, 20, 50)) {
  with_group(paste0("toenail_", nodes), trial, toenail, nodes)
  by_default("toenail_", trial, toenail, nodes)
}
for (nodes in c(1, 9, 25)) {
  with_group(paste0("cbpp_", nodes), herds, cbpp, nodes)
  by_default("cbpp_", herds, cbpp, nodes)
}

set.seed(20261124)
n <- 600
group <- sample(40, n, replace = TRUE, prob = runif(40, .2, 1))
x <- rnorm(n)
arm <- group %% 2
trials <- sample(1:6, n, replace = TRUE)
exposure <- runif(n, -.5, .5)
effect <- rnorm(40, sd = .8)[group]
draw <- function(inverse) rbinom(n, trials, inverse(-1 + .6 * x + .4 * arm + exposure + effect))
rows <- data.frame(group, x, arm, trials, exposure, logit = draw(plogis),
                   cloglog = draw(function(eta) 1 - exp(-exp(eta))))
write.csv(rows, file.path(here, "logistic_rows.csv"), row.names = FALSE)
rows <- read.csv(file.path(here, "logistic_rows.csv"))
with_group("logit_trials_25",
           cbind(logit, trials - logit) ~ x * arm + offset(exposure) + (1 | group), rows, 25)
with_group("cloglog_trials_25",
           cbind(cloglog, trials - cloglog) ~ x * arm + offset(exposure) + (1 | group), rows, 25,
           binomial("cloglog"))
rows$event <- as.numeric(rows$logit > 0)
with_group("logit_binary_25", event ~ x + arm + (1 | group), rows, 25)
with_group("logit_binary_1", event ~ x + arm + (1 | group), rows, 1)
record("logit_plain", glm(event ~ x + arm, binomial, rows, epsilon = 1e-15))
record("cloglog_plain", glm(event ~ x + arm, binomial("cloglog"), rows, epsilon = 1e-15))
people <- read.csv(file.path(folder, "first_sex.csv"))
periods <- people[rep(seq_len(nrow(people)), people$grade - 6), ]
periods$period <- sequence(people$grade - 6) + 6
periods$event <- as.numeric(periods$period == periods$grade & periods$censor == 0)
for (period in 7:12) periods[[paste0("d", period)]] <- as.numeric(periods$period == period)
periods$pt <- periods$parental_transition
periods$pas <- periods$parental_antisociality
grades <- "event ~ 0 + d7 + d8 + d9 + d10 + d11 + d12"
more <- c(A = "", B = " + pt", C = " + pas", D = " + pt + pas")
for (name in names(more)) for (link in c("logit", "cloglog"))
  record(paste0("first_sex_", name, "_", link),
         glm(as.formula(paste0(grades, more[name])), binomial(link), periods, epsilon = 1e-15))

write.csv(do.call(rbind, found), file.path(here, "logistic_values.csv"), row.names = FALSE, quote = FALSE)
