# Response surfaces by hand: lm, lmer (lmerTest) and glm of the second-order polynomial, with the
# delta method of car and degrees of freedom of lmerTest, on rows simulated here.
#   Rscript tests/reference/surface.R
# writes surface_rows.csv and surface_values.csv beside this script. The axes are written as Edwards
# and Parry (1993) wrote them, through the stationary point, not as the package computes them.
# Made with R 4.2.2, car 3.1-1, lme4 1.1-31, lmerTest 3.1-3, numDeriv 2016.8-1.1.
suppressMessages({library(car); library(lme4); library(lmerTest); library(numDeriv)})
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))

set.seed(1993)
n <- 320
therapist <- rep(sprintf("t%02d", 1:32), each = 10)
preference <- round(pmax(-1, pmin(1, rnorm(n, 0.2, 0.45))), 3)
delivery <- round(pmax(-1, pmin(1, 0.4 * preference + rnorm(n, 0, 0.4))), 3)
first <- round(rnorm(n), 3)
shape <- 0.3 * preference + 0.1 * delivery - 0.9 * preference^2 + 1.3 * preference * delivery -
    0.8 * delivery^2
outcome <- round(0.5 * first + shape + rep(rnorm(32, 0, 0.4), each = 10) + rnorm(n, 0, 0.7), 4)
event <- rbinom(n, 1, plogis(-0.7 - 1.5 * shape))
rows <- data.frame(therapist, first, preference, delivery, outcome, event)
write.csv(rows, file.path(here, "surface_rows.csv"), row.names = FALSE, quote = FALSE)
rows <- transform(rows, pp = preference^2, pd = preference * delivery, dd = delivery^2)

right <- "preference + delivery + pp + pd + dd"
fits <- list(
    lm = lm(as.formula(paste("outcome ~ first +", right)), rows),
    lmer = lmerTest::lmer(as.formula(paste("outcome ~ first +", right, "+ (1 | therapist)")), rows,
        control = lmerControl("bobyqa", optCtrl = list(rhoend = 1e-10))),
    glm = glm(as.formula(paste("event ~", right)), binomial, rows,
        control = glm.control(epsilon = 1e-14, maxit = 50))
)
five <- c("preference", "delivery", "pp", "pd", "dd")
lines <- rbind(a1 = c(1, 1, 0, 0, 0), a2 = c(0, 0, 1, 1, 1), a3 = c(1, -1, 0, 0, 0),
               a4 = c(0, 0, 1, -1, 1), a5 = c(0, 0, 1, 0, -1))
joint <- list(
    surface = diag(5), curvature = diag(5)[3:5, ], axis = lines[c("a3", "a5"), ],
    algebraic_difference = rbind(lines["a1", ], diag(5)[3:5, ]),
    squared_difference = rbind(diag(5)[1:2, ], lines["a5", ], lines["a2", ])
)
root <- "sqrt((b3 - b5)^2 + b4^2)"
P0 <- "(b2 * b4 - 2 * b1 * b5) / (4 * b3 * b5 - b4^2)"
D0 <- "(b1 * b4 - 2 * b2 * b3) / (4 * b3 * b5 - b4^2)"
# of staying: for events every coefficient turns its sign, which P0 and D0 do not feel
axes <- function(turn) {
    slope <- function(sign) sprintf("(%s*(b5 - b3) %s %s) / (%s*b4)", turn, sign, root, turn)
    list(stationary_preference = P0, stationary_delivery = D0, p11 = slope("+"), p21 = slope("-"),
         p10 = sprintf("%s - (%s) * (%s)", D0, slope("+"), P0),
         p20 = sprintf("%s - (%s) * (%s)", D0, slope("-"), P0))
}

values <- list()
add <- function(case, term, kind, value) {
    values[[length(values) + 1]] <<- data.frame(case, term, kind, value = sprintf("%.12g", value))
}
for (case in names(fits)) {
    fit <- fits[[case]]
    estimates <- if (case == "lmer") fixef(fit) else coef(fit)
    names_of <- names(estimates)
    places <- match(five, names_of)
    covariance <- as.matrix(vcov(fit))[places, places]
    b <- setNames(estimates[places], paste0("b", 1:5))
    dimnames(covariance) <- list(names(b), names(b))
    wide <- function(l) { whole <- matrix(0, nrow(rbind(l)), length(estimates))
                          whole[, places] <- l; whole }
    df_of <- function(gradient) switch(case, lm = df.residual(fit), glm = Inf,
        lmer = contest1D(fit, as.vector(wide(gradient)))$df)
    for (term in rownames(lines)) {
        l <- lines[term, ]
        add(case, term, "estimate", sum(l * b))
        add(case, term, "se", sqrt(drop(l %*% covariance %*% l)))
        add(case, term, "df", df_of(l))
    }
    functions <- axes(if (case == "glm") "-1" else "1")
    for (term in names(functions)) {
        found <- deltaMethod(b, functions[[term]], vcov. = covariance)
        add(case, term, "estimate", found$Estimate)
        add(case, term, "se", found$SE)
        gradient <- grad(function(x) eval(parse(text = functions[[term]]),
                                          as.list(setNames(x, names(b)))), b)
        add(case, term, "df", df_of(gradient))
    }
    for (term in names(joint)) {
        l <- joint[[term]]
        if (case == "lmer") {
            found <- contestMD(fit, wide(l))
            add(case, term, "F", found[["F value"]])
            add(case, term, "df", found$DenDF)
            add(case, term, "p", found[["Pr(>F)"]])
        } else {
            found <- linearHypothesis(fit, wide(l), test = if (case == "lm") "F" else "Chisq")
            statistic <- if (case == "lm") found$F[2] else found$Chisq[2] / nrow(l)
            add(case, term, "F", statistic)
            add(case, term, "df", if (case == "lm") df.residual(fit) else Inf)
            add(case, term, "p", found[[if (case == "lm") "Pr(>F)" else "Pr(>Chisq)"]][2])
        }
    }
}
write.csv(do.call(rbind, values), file.path(here, "surface_values.csv"), row.names = FALSE,
          quote = FALSE)
