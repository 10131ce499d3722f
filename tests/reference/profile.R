# Profile likelihood intervals by lme4, at full maximum likelihood.
#   Rscript tests/reference/profile.R
# reads linear_sessions.csv and writes profile_values.csv beside this script.
# Made with R 4.2.2, lme4 1.1-31. Points of a profile lie five times closer than by default, so that
# the limits, which lme4 interpolates, hold to more digits.
suppressMessages(library(lme4))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
sessions <- read.csv(file.path(here, "linear_sessions.csv"))
cases <- list(
    sleepstudy = list(Reaction ~ Days + (Days | Subject), sleepstudy),
    sleepstudy_independent = list(Reaction ~ Days + (Days || Subject), sleepstudy),
    slopes = list(y ~ time * arm + x + (time | therapist) + (time | client), sessions),
    intercepts = list(y ~ time + (1 | therapist) + (1 | client), sessions),
    singular = list(flat ~ time + x + (1 | therapist) + (1 | client), sessions)
)
tight <- lmerControl(optimizer = "bobyqa", calc.derivs = FALSE,
                     optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
result <- NULL
for (case in names(cases)) {
    fit <- suppressMessages(lmer(cases[[case]][[1]], cases[[case]][[2]], REML = FALSE,
                                 control = tight))
    cutoff <- sqrt(qchisq(.99, length(fixef(fit)) + length(fit@theta) + 1))
    shape <- profile(fit, signames = FALSE, devtol = 1e-8, delta = cutoff / 40, maxpts = 1000)
    for (level in c(.9, .95)) {
        limits <- confint(shape, level = level)
        result <- rbind(result, data.frame(case = case, confidence = level,
                                           parameter = rownames(limits),
                                           low = limits[, 1], high = limits[, 2]))
    }
}
result$low <- signif(result$low, 9)
result$high <- signif(result$high, 9)
write.csv(result, file.path(here, "profile_values.csv"), row.names = FALSE, quote = FALSE)
