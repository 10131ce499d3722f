"""What a study is: configuration, dataset, instruments, table contracts and the specification."""
