# Fits by R's packages for one Python process: a command a line on stdin, an answer a line on stdout.
# "= numbers" is an answer, "! text" an error. Data are doubles, column after column.
suppressPackageStartupMessages({
  library(lme4)
})
input <- file("stdin")
open(input)
frame <- NULL
made <- NULL

seconds <- function(code) {
  gc()
  started <- proc.time()[["elapsed"]]
  force(code)
  proc.time()[["elapsed"]] - started
}

load_data <- function(words) {
  rows <- as.integer(words[2])
  names <- words[-(1:2)]
  source <- file(words[1], "rb")
  on.exit(close(source))
  columns <- lapply(names, function(name) readBin(source, "double", rows))
  names(columns) <- names
  frame <<- as.data.frame(columns)
  frame$therapist <<- factor(frame$therapist)
  frame$client <<- factor(frame$client)
  made <<- NULL
  rows
}

whole <- function(model) {
  taken <- seconds(fit <- lmer(model, frame))
  c(taken, REMLcrit(fit), fixef(fit))
}

whole_with_df <- function(model) {
  taken <- seconds({
    fit <- lmerTest::lmer(model, frame)
    table <- coef(summary(fit))
  })
  c(taken, REMLcrit(fit), table[, "Estimate"])
}

# Optimising alone: what lmer does between building its matrices and making the result.
optimise <- function(model) {
  parts <- lFormula(model, frame)
  taken <- seconds({
    made <<- do.call(mkLmerDevfun, parts)
    found <- optimizeLmer(made, calc.derivs = FALSE)
  })
  c(taken, found$fval)
}

logistic <- function(model, nodes) {
  control <- glmerControl("bobyqa", calc.derivs = FALSE)
  taken <- seconds(fit <- glmer(model, frame, binomial, nAGQ = nodes, control = control))
  c(taken, fixef(fit))
}

kenward_roger <- function(model) {
  tight <- list(rhobeg = 0.002, rhoend = 1e-9, maxfun = 1e5)
  fit <- lmer(model, frame, control = lmerControl("bobyqa", optCtrl = tight))
  adjusted <- pbkrtest::vcovAdj(fit)
  plain <- vcov(fit)
  size <- length(fixef(fit))
  df <- sapply(seq_len(size), function(place) {
    pbkrtest::Lb_ddf(as.numeric(seq_len(size) == place), plain, adjusted)
  })
  c(isSingular(fit), REMLcrit(fit), fixef(fit), sqrt(diag(as.matrix(adjusted))), df)
}

version <- function(package) {
  found <- tryCatch(unlist(packageVersion(package)), error = function(e) NA)
  as.numeric(found)
}

answer <- function(line) {
  command <- sub(" .*", "", line)
  rest <- sub("^[^ ]* ?", "", line)
  switch(command,
    load = load_data(strsplit(rest, "\t")[[1]]),
    lmer = whole(as.formula(rest)),
    lmerTest = whole_with_df(as.formula(rest)),
    optimise = optimise(as.formula(rest)),
    deviance = made(as.numeric(strsplit(rest, " ")[[1]])),
    glmer = logistic(as.formula(rest), 10L),
    kenward_roger = kenward_roger(as.formula(rest)),
    version = version(rest),
    R = as.numeric(c(R.version$major, strsplit(R.version$minor, ".", fixed = TRUE)[[1]])),
    stop("no command ", command)
  )
}

while (length(line <- readLines(input, 1)) > 0) {
  reply <- tryCatch(
    paste("=", paste(sprintf("%.17g", suppressMessages(suppressWarnings(answer(line)))),
      collapse = " ")),
    error = function(e) paste("!", gsub("\n", " ", conditionMessage(e)))
  )
  cat(reply, "\n", sep = "")
  flush(stdout())
}
