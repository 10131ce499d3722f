# Draws a small study with autocorrelated sessions and fits it with nlme.
#   Rscript tests/reference/residual.R
# writes residual_sessions.csv and residual_values.csv beside this script.
# Made with R 4.2.2, nlme 3.1-162. Orthodont and Ovary are nlme's own data.
suppressMessages(library(nlme))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))

# clients in therapists; sessions are missed, days between them differ, the arms' variances differ
draw_sessions <- function() {
    set.seed(20263)
    clients <- data.frame(therapist = rep(sprintf("t%02d", 1:12), sample(4:7, 12, replace = TRUE)))
    n <- nrow(clients)
    clients$client <- sprintf("c%02d", sample(n))
    clients$arm <- rbinom(n, 1, .5)
    u <- rnorm(12, sd = .6)
    rows <- lapply(seq_len(n), function(i) {
        length <- sample(c(1, 8, 10, 12, 14), 1)
        session <- seq_len(length) - 1
        day <- cumsum(c(0, sample(3:14, length, replace = TRUE)))[seq_len(length)]
        noise <- as.numeric(stats::filter(rnorm(length + 20, sd = sqrt(1 - .45^2)), .45,
                                          "recursive"))[20 + seq_len(length)]
        data.frame(as.list(clients[i, ]), session, day, x = round(rnorm(length), 3),
                   effect = u[match(clients$therapist[i], sprintf("t%02d", 1:12))] +
                       rnorm(1, sd = .9) + rnorm(1, sd = .12) * session,
                   noise = noise * ifelse(clients$arm[i] == 1, 1.5, 1))
    })
    data <- do.call(rbind, rows)
    data$y <- round(3 - .15 * data$session + .4 * data$arm + .3 * data$x + data$effect + data$noise,
                    4)
    data <- data[runif(nrow(data)) > .1, ]
    data[sample(nrow(data)), c("therapist", "client", "arm", "session", "day", "x", "y")]
}

values_of <- function(case, fit) {
    table <- summary(fit)$tTable
    result <- data.frame(case, quantity = "loglik", term = "", value = as.numeric(logLik(fit)))
    add <- function(quantity, term, value) {
        result <<- rbind(result, data.frame(case, quantity, term, value = as.numeric(value)))
    }
    add("parameters", "", attr(logLik(fit), "df"))
    add("estimate", rownames(table), table[, "Value"])
    # nlme widens the errors of maximum likelihood by N / (N - p): taken back
    n <- length(resid(fit))
    shrink <- if (fit$method == "ML") sqrt((n - nrow(table)) / n) else 1
    add("se", rownames(table), table[, "Std.Error"] * shrink)
    parts <- fit$modelStruct$reStruct
    spreads <- lapply(parts, function(part) as.matrix(part) * fit$sigma^2)
    for (level in names(spreads)) {
        matrix <- spreads[[level]]
        independent <- inherits(parts[[level]], "pdDiag")
        for (j in seq_len(ncol(matrix))) for (i in if (independent) j else seq_len(j))
            add(paste("variance", level), paste(rownames(matrix)[i], rownames(matrix)[j]),
                matrix[i, j])
    }
    ratio <- fit$modelStruct$varStruct
    if (is.null(ratio)) {
        add("residual", "", fit$sigma^2)
    } else {
        relative <- coef(ratio, unconstrained = FALSE, allCoef = TRUE)
        add("residual", names(relative), (fit$sigma * relative)^2)
    }
    correlation <- fit$modelStruct$corStruct
    if (!is.null(correlation)) {
        add("correlation", class(correlation)[1], coef(correlation, unconstrained = FALSE))
    }
    result
}

sessions <- draw_sessions()
write.csv(sessions, file.path(here, "residual_sessions.csv"), row.names = FALSE, quote = FALSE)
ovary <- as.data.frame(Ovary)
ovary$order <- ave(seq_len(nrow(ovary)), ovary$Mare, FUN = seq_along)
ovary$wave <- sin(2 * pi * ovary$Time)
ovary$other_wave <- cos(2 * pi * ovary$Time)
control <- lmeControl(msTol = 1e-12, tolerance = 1e-12, msMaxIter = 1000, maxIter = 1000,
                      msMaxEval = 5000, niterEM = 50, opt = "nlminb")
formula <- y ~ session * arm + x
one <- list(client = ~session)
flat <- list(client = ~1)
two <- list(therapist = ~1, client = ~1)
arms <- varIdent(form = ~1 | arm)
cases <- list(
    ar1 = list(formula, one, corAR1(form = ~session | client), NULL),
    ar1_flat = list(formula, flat, corAR1(form = ~session | client), NULL),
    car1 = list(formula, flat, corCAR1(form = ~day | client), NULL),
    exponential = list(formula, flat, corExp(form = ~day | client), NULL),
    arms = list(formula, one, NULL, arms),
    both = list(formula, flat, corAR1(form = ~session | client), arms),
    both_exponential = list(formula, flat, corExp(form = ~day | client), arms),
    nested_ar1 = list(formula, two, corAR1(form = ~session | therapist/client), NULL),
    nested_exponential = list(formula, two, corExp(form = ~day | therapist/client), NULL),
    nested_arms = list(formula, two, NULL, arms),
    nested_both = list(formula, two, corAR1(form = ~session | therapist/client), arms)
)
result <- NULL
for (method in c("REML", "ML")) {
    for (case in names(cases)) {
        made <- cases[[case]]
        arguments <- list(made[[1]], data = sessions, random = made[[2]], method = method,
                          control = control)
        if (!is.null(made[[3]])) arguments$correlation <- made[[3]]
        if (!is.null(made[[4]])) arguments$weights <- made[[4]]
        fit <- do.call(lme, arguments)
        result <- rbind(result, values_of(paste(case, method, sep = "_"), fit))
    }
    fit <- lme(distance ~ I(age - 11) * Sex, as.data.frame(Orthodont), list(Subject = ~I(age - 11)),
               weights = varIdent(form = ~1 | Sex), method = method, control = control)
    result <- rbind(result, values_of(paste("orthodont", method, sep = "_"), fit))
    fit <- lme(follicles ~ wave + other_wave, ovary, list(Mare = pdDiag(~wave)),
               correlation = corAR1(form = ~order | Mare), method = method, control = control)
    result <- rbind(result, values_of(paste("ovary", method, sep = "_"), fit))
    fit <- gls(y ~ session + arm, sessions, weights = arms, method = method,
               control = glsControl(tolerance = 1e-12, msTol = 1e-12, msMaxIter = 1000))
    result <- rbind(result, values_of(paste("none", method, sep = "_"), fit))
}
result$value <- signif(result$value, 12)
write.csv(result, file.path(here, "residual_values.csv"), row.names = FALSE, quote = FALSE)
