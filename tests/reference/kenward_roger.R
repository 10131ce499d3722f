# Kenward-Roger and Satterthwaite tests of linear mixed models by pbkrtest and lmerTest, for the
# studies that linear.R draws and two public ones.
#   Rscript tests/reference/kenward_roger.R
# writes kenward_roger.csv beside this script.
# Made with R 4.2.2, lme4 1.1-31, lmerTest 3.1-3, pbkrtest 0.5.2.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(numDeriv)})
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))

sessions <- read.csv(file.path(here, "linear_sessions.csv"))
few <- subset(sessions, time == 0 | substr(client, 5, 5) == "1")
partial <- read.csv(file.path(here, "linear_partial.csv"), na.strings = "")
# without a therapist: any id will do where its columns are zero
partial$therapist[is.na(partial$therapist)] <- "t01"
partial$start <- partial$arm
partial$slope <- partial$arm * partial$time

both <- "y ~ time * arm + x"
by_arm <- "+ (0 + start + slope | therapist)"
cases <- list(
    sleep = list("Reaction ~ Days + (Days | Subject)", sleepstudy),
    sleep_independent = list("Reaction ~ Days + (Days || Subject)", sleepstudy),
    pastes = list("strength ~ 1 + (1 | batch) + (1 | sample)", Pastes),
    slopes = list(paste(both, "+ (time | therapist) + (time | client)"), sessions),
    independent = list(paste(both, "+ (time || therapist) + (time || client)"), sessions),
    mixed = list(paste(both, "+ (time || therapist) + (time | client)"), sessions),
    not_fixed = list("varied ~ time + (z | therapist) + (z | client)", sessions),
    quadratic = list("curved ~ time + time2 + x + (1 | therapist) + (time + time2 | client)",
                     sessions),
    therapists = list(paste(both, "+ (time | therapist)"), sessions),
    partial = list(paste("y ~ time * arm", by_arm, "+ (time | client)"), partial),
    partial_by_arm = list(paste("y ~ time * arm", by_arm,
                          "+ (0 + control | client) + (0 + arm | client)"), partial),
    singular = list("flat ~ time + x + (1 | therapist) + (1 | client)", sessions),
    one_session = list("y ~ x + arm + (1 | therapist) + (1 | client)", few)
)

# bobyqa, then Newton steps from where it stops, parameters at zero being held
fit <- function(formula, data) {
    formula <- as.formula(formula)
    control <- lmerControl("bobyqa", calc.derivs = FALSE, check.conv.singular = "ignore",
                           optCtrl = list(rhoend = 1e-10, maxfun = 1e5))
    theta <- getME(lme4::lmer(formula, data, control = control), "theta")
    deviance <- lme4::lmer(formula, data, control = control, devFunOnly = TRUE)
    free <- abs(theta) > 1e-5
    theta[!free] <- 0
    along <- function(part) deviance(replace(theta, free, part))
    for (step in 1:3) {
        move <- solve(hessian(along, theta[free]), grad(along, theta[free]))
        theta[free] <- theta[free] - move
    }
    stopifnot(max(abs(move)) < 1e-7)
    # "start copied" is what it says about an optimiser that is none
    suppressWarnings(lmerTest::lmer(formula, data, start = theta,
        control = lmerControl(NULL, calc.derivs = FALSE, check.conv.singular = "ignore")))
}

values <- list()
put <- function(case, kind, value, term = "") {
    term <- sub("(Intercept)", "Intercept", term, fixed = TRUE)
    values[[length(values) + 1]] <<- data.frame(case, kind, term, value = sprintf("%.12g", value))
}

f_test <- function(case, kind, found, terms) {
    restriction <- diag(length(fixef(found)))[names(fixef(found)) %in% terms, , drop = FALSE]
    test <- getKR(KRmodcomp(found, restriction))
    for (name in c("Fstat", "ndf", "ddf", "p.value")) put(case, paste0(kind, name), test[[name]])
}

for (name in names(cases)) {
    found <- fit(cases[[name]][[1]], cases[[name]][[2]])
    terms <- names(fixef(found))
    table <- coef(summary(found, ddf = "Kenward-Roger"))
    put(name, "estimate", table[, "Estimate"], terms)
    put(name, "se", table[, "Std. Error"], terms)
    put(name, "df", table[, "df"], terms)
    put(name, "p", table[, "Pr(>|t|)"], terms)
    put(name, "singular", as.numeric(isSingular(found)))
    if (!isSingular(found)) {
        put(name, "satterthwaite", coef(summary(found, ddf = "Satterthwaite"))[, "df"], terms)
    }
    if (length(terms) > 1) f_test(name, "last_two_", found, tail(terms, 2))
    if (length(terms) > 1) f_test(name, "all_", found, terms)
}
write.csv(do.call(rbind, values), file.path(here, "kenward_roger.csv"), row.names = FALSE,
          quote = FALSE)
