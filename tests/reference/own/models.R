# The models of config.yaml beside this file, by lme4, nlme and glm, on tables of R's own packages.
#   Rscript tests/reference/own/models.R
# writes values.csv: dataset, specification, term as the pipeline names it, estimate, se.
suppressMessages({library(lme4); library(nlme)})
found <- list()
tell <- function(dataset, specification, terms, estimates, errors) {
  found[[length(found) + 1]] <<- data.frame(dataset, specification, term = terms,
                                            estimate = unname(estimates), se = unname(errors))
}
of <- function(fit) if (inherits(fit, "merMod")) fixef(fit) else if (inherits(fit, "lme")) nlme::fixef(fit) else coef(fit)
tell_fit <- function(dataset, specification, fit, terms) {
  tell(dataset, specification, terms, of(fit), sqrt(diag(as.matrix(vcov(fit)))))
}
exact <- lmerControl(optCtrl = list(ftol_abs = 1e-12, xtol_abs = 1e-12))

bacteria <- MASS::bacteria
bacteria$late <- bacteria$week > 2
tell_fit("bacteria", "events_of_clients",
  glmer(y ~ trt + late + (1 | ID), bacteria, binomial, nAGQ = 25),
  c("Intercept", "trt[T.drug]", "trt[T.drug+]", "I(time > 2)"))
tell_fit("bacteria", "cloglog", glm(y == "y" ~ trt, binomial("cloglog"), bacteria),
  c("Intercept", "trt[T.drug]", "trt[T.drug+]"))

anorexia <- MASS::anorexia
anorexia$Treat <- factor(anorexia$Treat, c("Cont", "CBT", "FT"))
names_of_arms <- c("Intercept", "outcome_first", "treat[T.CBT]", "treat[T.FT]")
tell_fit("anorexia", "ancova", lm(Postwt ~ Prewt + Treat, anorexia), names_of_arms)
tell_fit("anorexia", "change", lm(Postwt ~ Prewt + Treat + offset(Prewt), anorexia), names_of_arms)

names_of_diets <- c("Intercept", "time", "diet[T.2]", "diet[T.3]", "time:diet[T.2]", "time:diet[T.3]")
weights <- as.data.frame(BodyWeight)
weights$Diet <- factor(weights$Diet)
tell_fit("rats", "slopes", lme(weight ~ Time * Diet, weights, random = ~ Time | Rat),
  names_of_diets)
tell_fit("rats", "drifting",
  lme(weight ~ Time * Diet, weights, random = ~ 1 | Rat, correlation = corExp(form = ~ Time | Rat)),
  names_of_diets)

loss <- carData::WeightLoss
loss$id <- seq_len(nrow(loss))
long <- do.call(rbind, lapply(1:3, function(month) {
  data.frame(id = loss$id, time = month, lost = loss[[paste0("wl", month)]],
             esteem = loss[[paste0("se", month)]])
}))
long$mean <- ave(long$esteem, long$id)
long$within <- long$esteem - long$mean
long$between <- long$mean - mean(tapply(long$esteem, long$id, mean))
tell_fit("weight_loss", "levels", lmer(lost ~ time + within + between + (1 | id), long, REML = FALSE),
  c("Intercept", "time", "esteem_total_within", "esteem_total_between"))
tell_fit("weight_loss", "as_recorded", lmer(lost ~ time + esteem + (1 | id), long),
  c("Intercept", "time", "esteem_total"))

school <- mlmRev::egsingle
tell_fit("schools", "three_levels",
  lmer(math ~ year * lowinc + (year | schoolid / childid), school, control = exact),
  c("Intercept", "time", "lowinc", "time:lowinc"))

berkeley <- as.data.frame(UCBAdmissions)
tell_fit("berkeley", "counts",
  glm(Admit == "Admitted" ~ Gender + Dept, binomial, berkeley, weights = Freq),
  c("Intercept", "gender[T.Female]", paste0("dept[T.", LETTERS[2:6], "]")))

values <- do.call(rbind, found)
values$estimate <- signif(values$estimate, 10)
values$se <- signif(values$se, 10)
write.csv(values, "tests/reference/own/values.csv", row.names = FALSE, quote = FALSE)
cat("lme4", as.character(packageVersion("lme4")), "nlme", as.character(packageVersion("nlme")), R.version.string, "\n")
