"""The tests of Dealwright; a package so that its helpers have one name everywhere."""
