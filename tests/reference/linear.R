# Draws two small studies and fits linear mixed models to them with lme4.
#   Rscript tests/reference/linear.R
# writes linear_sessions.csv, linear_partial.csv and linear_values.csv beside this script.
# Made with R 4.2.2, lme4 1.1-31, lmerTest 3.1-3.
suppressMessages({library(lme4); library(lmerTest)})
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))

draw <- function(n, covariance) matrix(rnorm(n * ncol(covariance)), n) %*% chol(covariance)

# clients in therapists, one to seven sessions each, some clients with one session only
draw_sessions <- function() {
    set.seed(20261)
    therapists <- sprintf("t%02d", 1:16)
    clients <- data.frame(therapist = rep(therapists, sample(3:7, 16, replace = TRUE)))
    clients$client <- paste0(clients$therapist, "-", ave(seq_len(nrow(clients)),
                             clients$therapist, FUN = seq_along))
    n <- nrow(clients)
    clients$arm <- rbinom(n, 1, .5)
    u <- draw(16, matrix(c(.8, .15, .15, .12), 2))
    v <- draw(n, matrix(c(1.2, -.1, .02, -.1, .2, -.02, .02, -.02, .012), 3))
    sessions <- sample(c(1, 4, 5, 6, 7), n, replace = TRUE)
    rows <- rep(seq_len(n), sessions)
    data <- clients[rows, ]
    data$time <- ave(rows, rows, FUN = seq_along) - 1
    data$time2 <- data$time^2
    m <- nrow(data)
    data$x <- round(rnorm(m), 3)
    data$z <- round(rnorm(m), 3)
    data$precision <- round(runif(m, .3, 3), 3)
    data$copies <- sample(1:3, m, replace = TRUE)
    t <- match(data$therapist, therapists)
    mean <- 5 + .3 * data$time + .5 * data$arm - .2 * data$time * data$arm + .4 * data$x
    noise <- rnorm(m)
    data$y <- round(mean + u[t, 1] + u[t, 2] * data$time + v[rows, 1] + v[rows, 2] * data$time +
                    noise, 4)
    data$curved <- round(mean + u[t, 1] + v[rows, 1] + v[rows, 2] * data$time +
                         v[rows, 3] * data$time2 + noise, 4)
    data$varied <- round(mean + .8 * u[t, 1] + 2 * u[t, 2] * data$z + v[rows, 1] +
                         1.5 * v[rows, 2] * data$z + noise, 4)
    flat <- mean + noise + v[rows, 1]
    data$flat <- round(flat - ave(flat, data$therapist), 4)
    data[sample(m), ]
}

# arm 1 has therapists, arm 0 has none; the clients of the arms differ in their variances
draw_partial <- function() {
    set.seed(20262)
    clients <- data.frame(therapist = c(rep(sprintf("t%02d", 1:12), each = 5), rep(NA, 55)))
    n <- nrow(clients)
    clients$client <- sprintf("c%03d", sample(n))
    clients$arm <- as.numeric(!is.na(clients$therapist))
    clients$control <- 1 - clients$arm
    u <- draw(12, matrix(c(.7, .12, .12, .1), 2))
    v <- draw(n, matrix(c(1, -.1, -.1, .15), 2)) * ifelse(clients$arm == 1, 1, 1.6)
    rows <- rep(seq_len(n), sample(2:5, n, replace = TRUE))
    data <- clients[rows, ]
    data$time <- ave(rows, rows, FUN = seq_along) - 1
    t <- match(data$therapist, sprintf("t%02d", 1:12))
    outer <- ifelse(is.na(t), 0, u[t, 1] + u[t, 2] * data$time)
    data$y <- round(4 - .3 * data$time - .4 * data$arm * data$time + outer + v[rows, 1] +
                    v[rows, 2] * data$time + rnorm(nrow(data)), 4)
    data[sample(nrow(data)), ]
}

sessions <- draw_sessions()
partial <- draw_partial()
write.csv(sessions, file.path(here, "linear_sessions.csv"), row.names = FALSE, quote = FALSE)
write.csv(partial, file.path(here, "linear_partial.csv"), row.names = FALSE, quote = FALSE, na = "")
expanded <- sessions[rep(seq_len(nrow(sessions)), sessions$copies), ]
# without a therapist: any id will do where its columns are zero
partial$therapist[is.na(partial$therapist)] <- "t01"
partial$start <- partial$arm
partial$slope <- partial$arm * partial$time

both <- "y ~ time * arm + x"
by_arm <- "+ (0 + start + slope | therapist)"
cases <- list(
    slopes = list(paste(both, "+ (time | therapist) + (time | client)"), sessions),
    independent = list(paste(both, "+ (time || therapist) + (time || client)"), sessions),
    mixed = list(paste(both, "+ (time || therapist) + (time | client)"), sessions),
    not_fixed = list("varied ~ time + (z | therapist) + (z | client)", sessions),
    no_intercept = list("y ~ time + x + (0 + time | therapist) + (1 | client)", sessions),
    no_intercepts = list("y ~ time + x + (0 + time | therapist) + (0 + time | client)", sessions),
    quadratic = list("curved ~ time + time2 + x + (1 | therapist) + (time + time2 | client)",
                     sessions),
    therapists = list(paste(both, "+ (time | therapist)"), sessions),
    clients = list(paste(both, "+ (time | client)"), sessions),
    intercepts = list("y ~ time + (1 | therapist) + (1 | client)", sessions),
    partial = list(paste("y ~ time * arm", by_arm, "+ (time | client)"), partial),
    partial_by_arm = list(paste("y ~ time * arm", by_arm,
                          "+ (0 + control | client) + (0 + arm | client)"), partial),
    precision = list(paste(both, "+ (1 | therapist) + (time | client)"), sessions,
                     sessions$precision),
    frequency = list(paste(both, "+ (1 | therapist) + (time | client)"), expanded),
    singular = list("flat ~ time + x + (1 | therapist) + (1 | client)", sessions),
    one_session = list("y ~ x + arm + (1 | therapist) + (1 | client)",
                       subset(sessions, time == 0 | substr(client, 5, 5) == "1"))
)

fit <- function(case, reml) {
    data <- case[[2]]
    data$weight <- if (length(case) > 2) case[[3]] else 1
    control <- lmerControl("bobyqa", calc.derivs = FALSE, check.conv.singular = "ignore",
                           optCtrl = list(rhoend = 1e-10, maxfun = 1e5))
    start <- NULL
    for (turn in 1:3) {
        found <- lmerTest::lmer(as.formula(case[[1]]), data, reml, control, start = start,
                                weights = weight)
        start <- getME(found, "theta")
    }
    found
}

plain <- function(name) {
    name <- sub("(Intercept)", "Intercept", as.character(name), fixed = TRUE)
    name[is.na(name)] <- ""
    ifelse(name == "start", "Intercept", ifelse(name == "slope", "time", name))
}

values <- list()
put <- function(case, kind, value, level = "", term_1 = "", term_2 = "") {
    values[[length(values) + 1]] <<- data.frame(case, kind, level, term_1, term_2,
                                                value = sprintf("%.10g", value))
}

describe <- function(name, found) {
    table <- coef(summary(found, ddf = "Satterthwaite"))
    terms <- plain(rownames(table))
    put(name, "estimate", table[, "Estimate"], term_1 = terms)
    put(name, "se", table[, "Std. Error"], term_1 = terms)
    if (!isSingular(found)) put(name, "df", table[, "df"], term_1 = terms)
    spread <- as.data.frame(VarCorr(found))
    level <- tolower(sub("\\.[0-9]+$", "", spread$grp))
    put(name, "variance", spread$vcov, level, plain(spread$var1),
        ifelse(is.na(spread$var2), plain(spread$var1), plain(spread$var2)))
    put(name, "deviance", -2 * as.numeric(logLik(found)))
    put(name, "parameters", attr(logLik(found), "df"))
    put(name, "singular", as.numeric(isSingular(found)))
}

fits <- list()
for (name in names(cases)) for (reml in c(TRUE, FALSE)) {
    full <- paste0(name, if (reml) "_reml" else "_ml")
    fits[[full]] <- fit(cases[[name]], reml)
    describe(full, fits[[full]])
}

# modes with their conditional errors, predictions, a test of two terms
found <- fits$slopes_reml
modes <- as.data.frame(ranef(found, condVar = TRUE))
put("slopes_reml", "mode", modes$condval, modes$grpvar, modes$grp, plain(modes$term))
put("slopes_reml", "mode_se", modes$condsd, modes$grpvar, modes$grp, plain(modes$term))
shown <- sessions[1:40, ]
for (level in c("population", "therapist", "client")) {
    part <- list(population = NA, therapist = ~(time | therapist), client = NULL)[[level]]
    put("slopes_reml", "predict", predict(found, shown, re.form = part), level, 0:39)
}
for (name in c("slopes_reml", "partial_reml")) {
    known <- names(fixef(fits[[name]]))
    test <- contestMD(fits[[name]], diag(length(known))[known %in% c("time", "time:arm"), ])
    put(name, "F", test[["F value"]])
    put(name, "F_df", test$DenDF)
    put(name, "F_p", test[["Pr(>F)"]])
}

# shares of variance, and a likelihood ratio test of the therapists' slopes
spread <- as.data.frame(VarCorr(fits$intercepts_reml))
put("intercepts_reml", "share", spread$vcov[1:2] / sum(spread$vcov), spread$grp[1:2])
wider <- fits$slopes_ml
narrow <- fit(list(paste(both, "+ (1 | therapist) + (time | client)"), sessions), FALSE)
test <- anova(narrow, wider, refit = FALSE)
put("slopes_ml", "chi2", test$Chisq[2])
put("slopes_ml", "chi2_df", test$Df[2])
put("slopes_ml", "chi2_p", test[["Pr(>Chisq)"]][2])

write.csv(do.call(rbind, values), file.path(here, "linear_values.csv"), row.names = FALSE,
          quote = FALSE)
