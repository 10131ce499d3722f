# The three models of config.yaml by lme4, on the published file (data/reframed/dataset.yaml names it):
#   Rscript tests/reference/reframed/lme4.R reframed.csv
# writes lme4.csv beside this file. The HRSD counts complaints: signs are the opposite of the
# pipeline's. A therapist effect exists in RO-DBT only: a slope of the arm within therapists.
suppressMessages(library(lme4))
rows <- read.csv(commandArgs(trailingOnly = TRUE)[1], na.strings = c("NaN", "NA"))
rows <- subset(rows, month %in% c("7", "12", "18") & !is.na(hamd))
rows$month <- factor(rows$month, c("7", "12", "18"))
rows$grp <- factor(rows$grp, c("TAU", "RO-DBT"))
rows$site <- factor(rows$site)
rows$treated <- as.numeric(rows$grp == "RO-DBT")
rows$therapist <- ifelse(rows$treated == 1, rows$therapist, "none")
models <- list(
  plain = hamd ~ 0 + month + month:grp + hamd.b + (1 | patient),
  with_therapists = hamd ~ 0 + month + month:grp + hamd.b + site + (1 | patient) +
    (0 + treated | therapist),
  with_covariates = hamd ~ 0 + month + month:grp + hamd.b + site + age_years + female +
    (1 | patient) + (0 + treated | therapist)
)
found <- do.call(rbind, lapply(names(models), function(name) {
  fit <- lmer(models[[name]], rows, REML = TRUE)
  arms <- paste0("month", c(7, 12, 18), ":grpRO-DBT")
  data.frame(
    model = name, month = c(7, 12, 18), estimate = fixef(fit)[arms],
    se = sqrt(diag(as.matrix(vcov(fit))))[arms], rows = nobs(fit)
  )
}))
write.csv(
  format(found, digits = 10, trim = TRUE), "tests/reference/reframed/lme4.csv",
  row.names = FALSE, quote = FALSE
)
cat("lme4", as.character(packageVersion("lme4")), R.version.string, "\n")
