# Joint tests of the terms of a formula (type III, factors coded to sum to zero) by lmerTest, and
# by pbkrtest for Kenward and Roger's, of public data: cake (split plot; every seventh row left out,
# so that nothing is balanced) and Machines (three correlated effects of each worker).
#   Rscript tests/reference/joint_tests.R
# writes joint_tests.csv beside this script.
# Made with R 4.2.2, lme4 1.1-31, lmerTest 3.1-3, pbkrtest 0.5.2.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(numDeriv)})
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
options(contrasts = c("contr.sum", "contr.sum"))

cake <- lme4::cake[seq_len(nrow(lme4::cake)) %% 7 != 0, ]
cake$oven <- paste(cake$recipe, cake$replicate)
cake$heat <- factor(as.character(cake$temperature))
machines <- as.data.frame(nlme::Machines)
machines$Worker <- as.character(machines$Worker)
cases <- list(
    cake = list("angle ~ recipe * heat + (1 | oven)", cake),
    cake_slope = list("angle ~ recipe * temp + (1 | oven)", cake),
    machines = list("score ~ Machine + (0 + Machine | Worker)", machines)
)

# bobyqa, then Newton steps from where it stops
fit <- function(formula, data) {
    formula <- as.formula(formula)
    control <- lmerControl("bobyqa", calc.derivs = FALSE, check.conv.singular = "ignore",
                           optCtrl = list(rhoend = 1e-10, maxfun = 1e5))
    theta <- getME(lme4::lmer(formula, data, control = control), "theta")
    deviance <- lme4::lmer(formula, data, control = control, devFunOnly = TRUE)
    for (step in 1:3) {
        move <- solve(hessian(deviance, theta), grad(deviance, theta))
        theta <- theta - move
    }
    stopifnot(max(abs(move)) < 1e-7)
    # "start copied" is what it says about an optimiser that is none
    suppressWarnings(lmerTest::lmer(formula, data, start = theta,
        control = lmerControl(NULL, calc.derivs = FALSE, check.conv.singular = "ignore")))
}

values <- list()
for (name in names(cases)) {
    found <- fit(cases[[name]][[1]], cases[[name]][[2]])
    for (ddf in c("Kenward-Roger", "Satterthwaite")) {
        table <- anova(found, type = 3, ddf = ddf)
        for (kind in c("F value", "NumDF", "DenDF", "Pr(>F)")) {
            values[[length(values) + 1]] <- data.frame(case = name, df = tolower(ddf),
                term = rownames(table), kind, value = sprintf("%.12g", table[[kind]]))
        }
    }
}
write.csv(do.call(rbind, values), file.path(here, "joint_tests.csv"), row.names = FALSE,
          quote = FALSE)
